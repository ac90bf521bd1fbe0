import type { ClusterNode } from '../cluster/clusterNode.ts'

/** The image that has a Node in it. */
const image = 'gatehouse.local/dataplane:0.1.0'

/** Answers quickly, digests uploads, and sends downloads slowly. `VERSION` is its answer on `/`. */
const program = `
const { createHash } = require('node:crypto')
const server = require('node:http').createServer((request, response) => {
  const url = new URL(request.url, 'http://backend')
  if (url.pathname === '/upload') {
    const hash = createHash('sha256')
    request.on('data', (chunk) => hash.update(chunk))
    request.on('end', () => response.end(hash.digest('hex')))
  } else if (url.pathname === '/download') {
    let sent = 0
    const step = () => {
      response.write('slow\\n'.repeat(1000))
      if (++sent === 20) response.end()
      else setTimeout(step, Number(url.searchParams.get('ms')) / 20)
    }
    step()
  } else response.end(process.env.VERSION)
})
server.keepAliveTimeout = 60000
server.listen(8080)
process.on('SIGTERM', () => server.close(() => process.exit(0)))
`

const labels = { app: 'shop' }

/** Pods behind a Service. They leave as a careful backend does: endpoints first, connections after. */
export const backend = (namespace: string, version: string): readonly object[] => [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'shop', namespace },
    spec: {
      replicas: 2,
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 45,
          securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'shop',
              image,
              imagePullPolicy: 'Never',
              command: ['node', '-e', program],
              env: [{ name: 'VERSION', value: version }],
              ports: [{ containerPort: 8080 }],
              readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
              lifecycle: { preStop: { sleep: { seconds: 5 } } },
              resources: { requests: { cpu: '10m', memory: '48Mi' }, limits: { memory: '128Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
            },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'shop', namespace },
    spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  },
]

export const host = 'shop.example'

/** The installation that serves a route. */
export interface ReleaseRef {
  readonly namespace: string
  readonly name: string
}

/** A public route to the backend; `marker` names a path that only this version of it has. */
export const route = (namespace: string, release: ReleaseRef, marker = 'none'): object => ({
  apiVersion: 'gatehouse.dev/v1alpha1',
  kind: 'GatewayRoute',
  metadata: { name: 'shop', namespace },
  spec: {
    parentRefs: [{ group: 'gatehouse.dev', kind: 'Gatehouse', ...release }],
    hostnames: [host],
    rules: [
      {
        name: 'marked',
        matches: [{ path: { type: 'Exact', value: `/marker-${marker}` } }],
        backendRefs: [{ name: 'shop', port: 80 }],
      },
      {
        name: 'all',
        matches: ['/', '/upload', '/download'].map((value) => ({ path: { type: 'Exact', value } })),
        backendRefs: [{ name: 'shop', port: 80 }],
        timeouts: { request: '60s' },
      },
    ],
  },
})

export const policy = (namespace: string): object => ({
  apiVersion: 'gatehouse.dev/v1alpha1',
  kind: 'AccessPolicy',
  metadata: { name: 'shop', namespace },
  spec: {
    targetRefs: [{ group: 'gatehouse.dev', kind: 'GatewayRoute', name: 'shop' }],
    authentication: { anyOf: [{ name: 'public', anonymous: {} }] },
    authorization: { rules: [{ name: 'all', action: 'Allow', methods: ['*'], principal: [{ attribute: 'Anyone' }] }] },
  },
})

/** Makes the shop and waits until its backend runs. */
export async function openShop(node: ClusterNode, namespace: string, release: ReleaseRef): Promise<void> {
  const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' }
  await node.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: restricted } }])
  await node.apply([...backend(namespace, 'one'), route(namespace, release), policy(namespace)])
  await node.kubectl(['-n', namespace, 'rollout', 'status', 'deployment/shop', '--timeout=120s'])
}
