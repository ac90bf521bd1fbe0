import { echoImage } from '../cluster/nodeImages.ts'

/** Seconds that an echo pod goes on serving after it was told to end; kubelet may take half of that to tell it. */
export const drainSeconds = 3

const labels = { app: 'echo' }

const hardened = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } }

const container = {
  name: 'echo',
  image: echoImage,
  imagePullPolicy: 'Never',
  ports: [{ name: 'http', containerPort: 8080 }],
  startupProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1, failureThreshold: 30 },
  readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
  livenessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 5 },
  lifecycle: { preStop: { sleep: { seconds: drainSeconds } } },
  securityContext: hardened,
  resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
  volumeMounts: [{ name: 'token', mountPath: '/var/run/secrets/example', readOnly: true }],
}

const pod = {
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [container],
  volumes: [
    {
      name: 'token',
      projected: { sources: [{ serviceAccountToken: { audience: 'example', expirationSeconds: 600, path: 'token' } }] },
    },
  ],
}

/** A namespace that lets only restricted pods run, with two of the echo backend behind a Service. */
export const echo = (namespace: string): readonly object[] => [
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'echo', namespace },
    spec: {
      replicas: 2,
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: pod },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'echo', namespace },
    spec: { type: 'NodePort', selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  },
]
