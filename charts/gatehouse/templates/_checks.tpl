{{/* What the schema cannot say. Each refusal names the value and what to do. */}}
{{- define "gatehouse.checks" -}}
{{- if gt (len .Release.Name) 40 }}
{{- fail (printf "the release name %q is longer than 40 characters, and the names of Services are made of it; choose a shorter one" .Release.Name) }}
{{- end }}
{{- if and .Values.watchAllNamespaces .Values.watchNamespaces }}
{{- fail "watchAllNamespaces reads every namespace; leave watchNamespaces empty" }}
{{- end }}
{{- $ports := include "gatehouse.listenerPorts" . | fromYamlArray }}
{{- $known := dict }}
{{- range $ports }}
{{- $_ := set $known (.port | toString) true }}
{{- if eq (int .port) (int $.Values.dataplane.adminPort) }}
{{- fail (printf "gatehouse.listeners: %s has port %d, which is dataplane.adminPort; choose another for one of them" .name (int .port)) }}
{{- end }}
{{- end }}
{{- range $port, $_ := .Values.service.ports }}
{{- if not (hasKey $known $port) }}
{{- fail (printf "service.ports: no listener has port %s" $port) }}
{{- end }}
{{- end }}
{{- range $port := .Values.service.ports }}
{{- if and $port.nodePort (eq $.Values.service.type "ClusterIP") }}
{{- fail "service.ports: nodePort needs service.type NodePort or LoadBalancer" }}
{{- end }}
{{- end }}
{{- if and (ne .Values.service.type "LoadBalancer") (or .Values.service.loadBalancerClass .Values.service.loadBalancerSourceRanges) }}
{{- fail "service.loadBalancerClass and service.loadBalancerSourceRanges need service.type LoadBalancer" }}
{{- end }}
{{- if and .Values.certManager.issuerRef (ne .Values.pushCertificates "CertManager") }}
{{- fail "certManager.issuerRef needs pushCertificates CertManager" }}
{{- end }}
{{- with .Values.redis }}
{{- if and .enabled (hasKey $.Values.gatehouse "quotaStore") }}
{{- fail "redis.enabled sets gatehouse.quotaStore; leave that out, or use your own store without redis.enabled" }}
{{- end }}
{{- if and .enabled (or (not .image.repository) (not (or .image.tag .image.digest))) }}
{{- fail "redis.enabled needs redis.image.repository, and redis.image.tag or digest: an image with redis-server, since Gatehouse has none of its own" }}
{{- end }}
{{- end }}
{{- if gt (int .Values.dataplane.autoscaling.minReplicas) (int .Values.dataplane.autoscaling.maxReplicas) }}
{{- fail "dataplane.autoscaling: minReplicas is greater than maxReplicas" }}
{{- end }}
{{- end }}
