import { seal, type Resource } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBackend, type Backend } from '../support/backend.ts'
import { quota } from '../support/quota.ts'
import { sendRaw } from '../support/raw.ts'
import {
  backendOf,
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
import { request } from './attack.ts'

/** Keys that the policies of one namespace count by themselves; half of them in one counter. */
const room = 8

/** A route of `NAMESPACE.example` whose policy lets each address ask once. */
function tenant(namespace: string, backend: Backend): Resource[] {
  const upstreams = upstreamResources('web', [backend], { namespace, owner: namespace })
  const policy = `${namespace}/once`
  const once = { limit: 1, window: 3_600_000, burst: 1 }
  const made = policyResource({ object: { namespace, name: 'once' }, quotas: [quota(['IP'], { rates: [once] })] })
  const attachment = { policy, level: 3 }
  const rule = ruleTo('web', {
    action: forwardTo('web', { backends: [backendOf('web', { upstream: `${namespace}/web:80` })] }),
    access: {
      type: 'Enforce',
      authentication: { ...attachment, use: [] },
      allow: attachment,
      identityHeaders: null,
      cors: [],
      policies: [attachment],
    },
  })
  const route = routeResource([rule], { object: { namespace, name: 'all' }, hostnames: [`${namespace}.example`] })
  return [
    ...upstreams.map((resource) => ({ ...resource, name: `${namespace}/web:80` })),
    { ...made, name: policy },
    { ...route, name: `${namespace}/all` },
  ]
}

/** A tenant whose clients have ever new addresses, and one beside it. */
describe('attack: room for the keys of quotas', () => {
  let backend: Backend
  let served: ServedDataplane
  beforeAll(async () => {
    backend = await startBackend((_request, response) => void response.end('ok'))
    const resources = [
      installationResource({ quotaKeys: room }),
      listenerResource({
        clientAddress: {
          trustedCIDRs: ['127.0.0.1/32'],
          header: 'XForwardedFor',
          clusterCIDRs: [],
          proxyProtocol: 'Off',
        },
      }),
      ...tenant('greedy', backend),
      ...tenant('honest', backend),
    ]
    served = await startServedDataplane(resources.map(seal), attackedEntry)
  })
  afterAll(async () => {
    await served.close()
    await backend.close()
  })

  /** @returns statuses of one request from each address */
  async function ask(namespace: string, from: number, to: number): Promise<(number | undefined)[]> {
    const addresses = Array.from({ length: to - from }, (_, index) => `198.51.100.${from + index}`)
    const target = await served.process.listener('http')
    const statuses: (number | undefined)[] = []
    for (const address of addresses) {
      const text = request('/', { host: `${namespace}.example`, headers: [`X-Forwarded-For: ${address}`] })
      const { responses } = await sendRaw(target, text, { responses: 1 })
      statuses.push(responses[0]?.status)
    }
    return statuses
  }

  it('addresses for which there is no room share one count, and gain nothing by being many', async () => {
    const own = Array.from({ length: room / 2 }, () => 200)
    expect(await ask('greedy', 0, room)).toEqual([...own, 200, 429, 429, 429])
    expect(await ask('greedy', 0, room / 2)).toEqual(own.map(() => 429))
  })

  it('another tenant has its own', async () => {
    expect(await ask('honest', 100, 100 + room / 2)).toEqual(Array.from({ length: room / 2 }, () => 200))
  })
})
