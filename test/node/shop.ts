import type { ClusterNode } from '../cluster/clusterNode.ts'

/** The image that has a Node in it. */
const image = 'gatehouse.local/dataplane:0.1.0'

/**
 * On 8080 it answers quickly, says on `/served` how many requests it has got, digests uploads, sends downloads slowly, and sends back what comes on a WebSocket; on 9090
 * it speaks HTTP/2 by prior knowledge, and streams twenty messages of gRPC to whoever says how long that is to take.
 * `VERSION` is its answer to anything else.
 */
const program = `
const { createHash } = require('node:crypto')
let served = 0
const server = require('node:http').createServer((request, response) => {
  const url = new URL(request.url, 'http://backend')
  if (url.pathname === '/served') return response.end(String(served))
  served++
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
server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' +
    accept.digest('base64') + '\\r\\n\\r\\n')
  let rest = Buffer.alloc(0)
  socket.on('error', () => socket.destroy()).on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 6 && rest.length >= 6 + (rest[1] & 127)) {
      const [end, mask] = [6 + (rest[1] & 127), rest.subarray(2, 6)]
      socket.write(Buffer.from([rest[0], end - 6, ...rest.subarray(6, end).map((byte, at) => byte ^ mask[at % 4])]))
      if ((rest[0] & 15) === 8) socket.end()
      rest = rest.subarray(end)
    }
  })
})
const modern = require('node:http2').createServer()
const sessions = new Set()
modern.on('session', (session) => sessions.add(session.on('close', () => sessions.delete(session))))
modern.on('stream', (stream, headers) => {
  stream.on('error', () => {}).resume()
  if (headers.milliseconds === undefined) {
    stream.respond({ ':status': 200 })
    return stream.end(process.env.VERSION)
  }
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  let sent = 0
  const step = () => {
    stream.write(Buffer.from([0, 0, 0, 0, 1, sent]))
    if (++sent === 20) stream.end()
    else setTimeout(step, Number(headers.milliseconds) / 20)
  }
  step()
})
server.listen(8080)
modern.listen(9090)
process.on('SIGTERM', async () => {
  for (const session of sessions) session.close()
  await Promise.all([server, modern].map((one) => new Promise((resolve) => one.close(resolve))))
  process.exit(0)
})
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
              ports: [{ containerPort: 8080 }, { containerPort: 9090 }],
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
    spec: {
      selector: labels,
      ports: [
        { name: 'http', port: 80, targetPort: 8080 },
        { name: 'grpc', port: 90, targetPort: 9090 },
      ],
    },
  },
]

export const host = 'shop.example'

/** What the backend streams on. */
export const streamPath = '/shop.Shop/Watch'

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
      {
        name: 'modern',
        matches: ['/modern', streamPath].map((value) => ({ path: { type: 'Exact', value } })),
        backendRefs: [{ name: 'shop', port: 90, protocol: 'H2C' }],
      },
      {
        name: 'socket',
        matches: [{ path: { type: 'Exact', value: '/socket' } }],
        backendRefs: [{ name: 'shop', port: 80 }],
        upgrades: ['websocket'],
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
