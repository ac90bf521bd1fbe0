{{/* Rules that several NetworkPolicies have. */}}

{{- define "gatehouse.toDns" -}}
- to:
    {{- toYaml .Values.networkPolicy.dns | nindent 4 }}
  ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
{{- end }}

{{- define "gatehouse.toApiServer" -}}
{{- $server := .Values.networkPolicy.apiServer -}}
- ports:
    {{- range $server.ports }}
    - port: {{ . }}
      protocol: TCP
    {{- end }}
  {{- with $server.cidrs }}
  to:
    {{- range . }}
    - ipBlock:
        cidr: {{ . }}
    {{- end }}
  {{- end }}
{{- end }}

{{/* Ports of the hosts that the Gatehouse may fetch from and of its store of quotas, each once, as a YAML list. */}}
{{- define "gatehouse.fetchPorts" -}}
{{- $ports := list -}}
{{- range ((.Values.gatehouse).outbound).allowedHosts }}
{{- $ports = append $ports (int (.port | default 443)) }}
{{- end }}
{{- range (((.Values.gatehouse).quotaStore).redis).servers }}
{{- $ports = append $ports (int (.port | default 6379)) }}
{{- end }}
{{- range $ports | uniq }}
- {{ . }}
{{- end }}
{{- end }}
