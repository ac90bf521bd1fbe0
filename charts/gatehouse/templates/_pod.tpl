{{/* Parts of Pods. */}}

{{/* Call with (list $ .Values.controller.image). */}}
{{- define "gatehouse.image" -}}
{{- $image := index . 1 -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default (index . 0).Chart.AppVersion }}
{{- end }}
{{- end }}

{{/* What the restricted Pod Security Standard asks of a Pod, and a group for the files of its volumes. */}}
{{- define "gatehouse.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* What it asks of a container, and a root that cannot be written. */}}
{{- define "gatehouse.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Where Pods run. Call with (list $ .Values.controller). */}}
{{- define "gatehouse.placement" -}}
{{- $root := index . 0 -}}
{{- $values := index . 1 -}}
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Spreads the Pods of one revision. Call with (list $ "controller" .Values.controller.topologySpread). */}}
{{- define "gatehouse.spread" -}}
{{- $spread := index . 2 -}}
{{- $selector := include "gatehouse.selector" . -}}
{{- with $spread.topologyKeys }}
topologySpreadConstraints:
  {{- range . }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: {{ $spread.whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- $selector | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
{{- end }}

{{/* Probes on the admin port. A process that has once answered /healthz is given longer before it is ended. */}}
{{- define "gatehouse.probes" -}}
startupProbe:
  httpGet:
    path: /healthz
    port: admin
  periodSeconds: 1
  timeoutSeconds: 5
  failureThreshold: 60
livenessProbe:
  httpGet:
    path: /healthz
    port: admin
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet:
    path: /readyz
    port: admin
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: 3
{{- end }}

{{/* The credentials of the push channel, readable by the Pod's group. Call with (list $ "controller" "signing.key"). */}}
{{- define "gatehouse.pushVolume" -}}
{{- $root := index . 0 -}}
{{- $name := printf "%s-push-%s" $root.Release.Name (index . 1) -}}
{{- if eq $root.Values.pushCertificates "Job" -}}
secret:
  secretName: {{ $name }}
  defaultMode: 288 # 0440
{{- else -}}
projected:
  defaultMode: 288 # 0440
  sources:
    - secret:
        name: {{ $name }}
        items:
          - key: {{ index . 2 }}
            path: {{ index . 2 }}
    - secret:
        name: {{ $name }}-tls
        items:
          - key: ca.crt
            path: ca.crt
          - key: tls.crt
            path: tls.crt
          - key: tls.key
            path: tls.key
{{- end }}
{{- end }}
