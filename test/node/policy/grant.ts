import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Report } from '../../support/report.ts'
import { waitUntil } from '../../support/waitUntil.ts'
import { soon } from './bounds.ts'
import { bridgeSocket, testAddress } from './nodeBridge.ts'
import type { Manifest } from './objects.ts'
import { untilAll, type PolicyWorld } from './policyWorld.ts'

/** The port of the backend of another namespace, and the name of its socket. */
export const invoices = { name: 'invoices', port: 9080 }

const namespace = 'policy-billing'

const backend: readonly Manifest[] = [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: invoices.name, namespace },
    spec: { ports: [{ name: 'http', port: 80, targetPort: invoices.port }] },
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: invoices.name, namespace, labels: { 'kubernetes.io/service-name': invoices.name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: invoices.port }],
    endpoints: [{ addresses: [testAddress], conditions: { ready: true } }],
  },
]

const grantFor = (shop: string): Manifest => ({
  apiVersion: 'gateway.networking.k8s.io/v1beta1',
  kind: 'ReferenceGrant',
  metadata: { name: 'shop', namespace },
  spec: {
    from: [{ group: 'gatehouse.dev', kind: 'GatewayRoute', namespace: shop }],
    to: [{ group: '', kind: 'Service', name: invoices.name }],
  },
})

interface Recorder {
  /** Requests so far. */
  count(): number
  close(): Promise<void>
}

async function startRecorder(path: string): Promise<Recorder> {
  await rm(path, { force: true })
  let count = 0
  const server = createServer((request, response) => {
    count++
    request.resume()
    response.end('invoice')
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    count: () => count,
    close: async () => {
      server.close().closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** Shares a route's requests with a backend of another namespace, whose owner then takes his grant back. */
export async function proveGrant(world: PolicyWorld, report: Report): Promise<void> {
  const { node, objects, shop } = world
  const recorder = await startRecorder(bridgeSocket(node, invoices.name))
  const question = { path: '/shared' }
  const grant = grantFor(shop)
  try {
    await node.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }])
    await objects.apply(...backend, grant)
    const backendRefs = [
      { name: 'shop', port: 80 },
      { name: invoices.name, namespace, port: 80 },
    ]
    const anyone = {
      authentication: { anyOf: [{ name: 'public', anonymous: {} }] },
      principal: [{ attribute: 'Anyone' }],
    }
    await world.open('shared', { ...anyone, backendRefs })
    await untilAll(world, 0, question, '200')
    // From here on a 500 can only come of the removal.
    await untilReached(world, recorder)
    const removed = performance.now()
    await objects.remove(grant)
    const refused = await untilAll(world, removed, question, '500 config-invalid')
    const before = recorder.count()
    const answers: string[] = []
    for (let index = 0; index < 50; index++)
      answers.push(...(await Promise.all(world.dataplanes.map((address) => world.ask(address, question)))))
    const refusals = answers.filter((answer) => answer === '500 config-invalid').length
    const passed = answers.filter((answer) => answer === '200').length
    report.line('policy.grant.share-refused', refused, 'ms', { atMost: soon })
    report.line('policy.grant.asked-afterwards', answers.length, 'requests', { exactly: 100 })
    report.line('policy.grant.refused', refusals, 'requests', { atLeast: 30 })
    report.line('policy.grant.own-share-served', passed, 'requests', { exactly: answers.length - refusals })
    report.line('policy.grant.reached-the-backend', recorder.count() - before, 'requests', { exactly: 0 })
  } finally {
    await recorder.close()
  }
}

/** Asks one data plane after the other until the backend has had requests of each and nothing is refused. */
async function untilReached(world: PolicyWorld, recorder: Recorder): Promise<void> {
  for (const address of world.dataplanes) {
    const before = recorder.count()
    let answer = ''
    const holds = async (): Promise<boolean> => {
      answer = await world.ask(address, { path: '/shared' })
      return recorder.count() > before
    }
    await waitUntil(holds, () => `the granted backend is reached and not ${answer}`, { within: 30_000 })
  }
}
