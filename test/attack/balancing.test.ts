import { seal, type ActiveCheck, type Balancing, type Resource } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBackend, type Backend } from '../support/backend.ts'
import { sendRaw } from '../support/raw.ts'
import {
  balancingBy,
  forwardTo,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { attackedEntry } from './attackedEntry.ts'

const active: ActiveCheck = {
  path: '/healthz',
  interval: 1000,
  timeout: 500,
  healthyThreshold: 1,
  unhealthyThreshold: 1,
  expectedStatuses: [200],
}
const probed = balancingBy({ type: 'RoundRobin' }, { active })
const watched = balancingBy(
  { type: 'RoundRobin' },
  { panicThreshold: 0, passive: { consecutiveErrors: 1, ejectFor: 600_000, maxEjectionPercent: 100 } },
)
/** What a namespace may have of probes in a second, and how many endpoints ask for one here. */
const most = 50
const crowd = 300

const host = (name: string): string => `${name}.shop.example`

/** A route of its own host to a Service that it balances so. */
const routed = (service: string, balancing: Balancing): Resource =>
  routeResource(
    [ruleTo(service, { action: { ...forwardTo(service), balancing } })],
    { hostnames: [host(service)] },
    service,
  )

/** The same upstream as another namespace has it, with a route of that namespace. */
function elsewhere(namespace: string, target: Backend): Resource[] {
  const name = `${namespace}/shop/shared:80`
  const action = { ...forwardTo('shared'), balancing: watched }
  const backends = action.backends.map((one) => ({ ...one, upstream: name }))
  const route = routeResource([ruleTo('shared', { action: { ...action, backends } })], {
    object: { namespace, name: 'shared' },
    hostnames: [host(namespace)],
  })
  return [
    ...upstreamResources('shared', [target], { namespace }).map((resource) => ({ ...resource, name })),
    { ...route, name: `${namespace}/shared` },
  ]
}

let inner: Backend
let shared: Backend
let counted: Backend
let served: ServedDataplane
beforeAll(async () => {
  inner = await startBackend()
  shared = await startBackend(({ target }, response) => void response.writeHead(target === '/fail' ? 503 : 200).end())
  counted = await startBackend((_request, response) => void response.writeHead(200).end(), '0.0.0.0')
  const many = Array.from({ length: crowd }, (_, index) => ({
    address: `127.1.${index >> 8}.${index & 255}`,
    port: counted.port,
  }))
  const resources: Resource[] = [
    installationResource(),
    listenerResource(),
    policyResource(),
    ...upstreamResources('inner', [inner], { exemptFromAddressRules: false }),
    routed('inner', probed),
    ...upstreamResources('many', many),
    routed('many', probed),
    ...upstreamResources('shared', [shared]),
    routed('shared', watched),
    ...elsewhere('mallory', shared),
  ]
  served = await startServedDataplane(resources.map(seal), attackedEntry)
})
afterAll(async () => {
  await served.close()
  for (const backend of [inner, shared, counted]) await backend.close()
})

async function ask(name: string, path: string): Promise<number | undefined> {
  const bytes = `GET ${path} HTTP/1.1\r\nHost: ${host(name)}\r\n\r\n`
  const { responses } = await sendRaw(await served.process.listener('http'), bytes, { responses: 1 })
  return responses[0]?.status
}

const reached = async (count: number): Promise<void> => {
  await expect.poll(() => counted.requests.length, { interval: 5, timeout: 30_000 }).toBeGreaterThanOrEqual(count)
}

describe('attack: health checks', () => {
  it('of very many endpoints are no more than a namespace may have', async () => {
    // The first second is not full.
    await reached(most)
    const began = performance.now()
    await reached(most + 2 * most)
    expect(performance.now() - began).toBeGreaterThan(1000)
  })

  it('reach no address that requests may not reach', async () => {
    await reached(most)
    expect(await ask('inner', '/')).toBe(503)
    expect([inner.accepted(), inner.requests.length]).toEqual([0, 0])
  })

  it('say nothing of any caller', async () => {
    await reached(1)
    const sent = counted.requests.map(({ rawHeaders }) => rawHeaders.filter((_, index) => index % 2 === 0))
    for (const names of sent) {
      const all = names.map((name) => name.toLowerCase()).filter((name) => name !== 'connection')
      expect(all).toEqual(['host', 'user-agent'])
    }
  })

  it('of one namespace take nothing out for another that has the same endpoints', async () => {
    expect(await ask('mallory', '/fail')).toBe(503)
    expect(await ask('mallory', '/')).toBe(503)
    expect(shared.requests).toHaveLength(1)
    expect(await ask('shared', '/')).toBe(200)
  })
})
