{{/* Names and labels. An installation is called like its release. */}}

{{- define "gatehouse.controller" -}}{{ .Release.Name }}-controller{{- end }}
{{- define "gatehouse.dataplane" -}}{{ .Release.Name }}-dataplane{{- end }}
{{- define "gatehouse.certs" -}}{{ .Release.Name }}-certs{{- end }}
{{- define "gatehouse.redis" -}}{{ .Release.Name }}-redis{{- end }}
{{- define "gatehouse.lease" -}}{{ .Release.Name }}-controller{{- end }}

{{/* Objects outside of namespaces: one release name may be used in several namespaces. */}}
{{- define "gatehouse.clusterwide" -}}gatehouse:{{ .Release.Namespace }}:{{ .Release.Name }}{{- end }}

{{/* The Role in each watched namespace: installations of one name may watch the same namespace. */}}
{{- define "gatehouse.watchRole" -}}{{ include "gatehouse.clusterwide" . }}:watch{{- end }}

{{/* What distinguishes the Pods of a component. Call with (list $ "controller"). */}}
{{- define "gatehouse.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: gatehouse
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* Labels of an object. Call with (list $ "controller"). */}}
{{- define "gatehouse.labels" -}}
{{- $root := index . 0 -}}
{{ include "gatehouse.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version | replace "+" "_" }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Labels of a Pod: none that changes with the chart alone, or every upgrade would replace every Pod. */}}
{{- define "gatehouse.podLabels" -}}
{{- $root := index . 0 -}}
{{- $own := include "gatehouse.selector" . | fromYaml -}}
{{- $more := dict -}}
{{- if gt (len .) 2 }}{{ $more = index . 2 }}{{ end -}}
{{ merge (dict) $own $more $root.Values.commonLabels | toYaml }}
{{- end }}

{{/* Where leaf certificates come from, as the controller calls it. */}}
{{- define "gatehouse.certificateSource" -}}
{{ eq .Values.pushCertificates "Job" | ternary "Own" "External" }}
{{- end }}

{{/* Names of the Secrets that controller certs makes and the controller renews, as a YAML list. */}}
{{- define "gatehouse.pushSecrets" -}}
- {{ .Release.Name }}-push-authority
- {{ .Release.Name }}-push-controller
- {{ .Release.Name }}-push-dataplane
- {{ .Release.Name }}-token-keys
{{- end }}

{{/* Where data planes reach the Redis of the chart. */}}
{{- define "gatehouse.redisHost" -}}{{ include "gatehouse.redis" . }}.{{ .Release.Namespace }}.svc{{- end }}

{{/* What its container may take: the counts, what their places waste, and the program. Call with .Values.redis. */}}
{{- define "gatehouse.redisMemory" -}}{{ add (div (mul 3 (int .memory)) 2) 32 }}Mi{{- end }}

{{/* Ports of the listeners, each once, as a YAML list of {name, port}. */}}
{{- define "gatehouse.listenerPorts" -}}
{{- $seen := dict -}}
{{- range .Values.gatehouse.listeners }}
{{- $port := int .port | toString }}
{{- if not (hasKey $seen $port) }}
{{- $_ := set $seen $port true }}
- name: {{ .name }}
  port: {{ $port }}
{{- end }}
{{- end }}
{{- end }}

{{/* Namespaces whose Secrets and ConfigMaps are read, as a YAML list; the release's is one of them. */}}
{{- define "gatehouse.watched" -}}
{{- range concat (list .Release.Namespace) .Values.watchNamespaces | uniq | sortAlpha }}
- {{ . }}
{{- end }}
{{- end }}
