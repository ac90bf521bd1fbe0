import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anyonePolicy, gatehouseCounting } from '../apiserver/shop.ts'
import { startBackend, type Backend } from '../support/backend.ts'
import { compiled } from '../support/compiled.ts'
import { startCountingStore, type CountingStore } from '../support/countingStore.ts'
import { sendRaw } from '../support/raw.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { storeIs } from '../support/storeState.ts'
import { request } from './attack.ts'
import { attackedEntry } from './attackedEntry.ts'

const apiVersion = 'gatehouse.dev/v1alpha1'

/** As many counters as one policy can have: 64. */
const fullQuotas = Array.from({ length: 16 }, (_, index) => ({
  name: `q${index}`,
  keys: [{ type: 'IP' }],
  algorithm: 'FixedWindow',
  rates: [1, 2, 3, 4].map((hours) => ({ limit: 1000, window: `${hours}h` })),
  scope: 'Shared',
  onStoreFailure: 'Deny',
}))

/** A route whose callers so many full policies count in the store. */
function tenant(namespace: string, policies: number): object[] {
  const metadata = { name: 'all', namespace }
  const targetRefs = [{ group: 'gatehouse.dev', kind: 'GatewayRoute', name: 'all' }]
  const rules = [{ name: 'all', backendRefs: [{ name: 'web', port: 80 }] }]
  return [
    { apiVersion, kind: 'GatewayRoute', metadata, spec: { hostnames: [`${namespace}.example`], rules } },
    { apiVersion, kind: 'AccessPolicy', metadata, spec: { ...anyonePolicy.spec, targetRefs } },
    ...Array.from({ length: policies }, (_, index) => ({
      apiVersion,
      kind: 'AccessPolicy',
      metadata: { name: `p${index}`, namespace },
      spec: { targetRefs, quotas: fullQuotas },
    })),
  ]
}

/** A store does one thing at a time: a call of thousands of counters keeps it from everybody. */
describe('attack: a tenant whose requests ask the store for thousands of counters', () => {
  let backend: Backend
  let store: CountingStore
  let served: ServedDataplane
  beforeAll(async () => {
    backend = await startBackend((_request, response) => void response.end('ok'))
    store = await startCountingStore()
    const documents = [gatehouseCounting(store.port), ...tenant('evil', 60), ...tenant('honest', 2)]
    const { resources } = compiled(documents.map((one) => JSON.stringify(one)).join('\n---\n'), {
      upstreams: { 'evil/web': backend, 'honest/web': backend },
    })
    served = await startServedDataplane(resources, attackedEntry)
    await storeIs('up', await served.process.admin())
  })
  afterAll(async () => {
    await served.close()
    await store.close()
    await backend.close()
  })

  const ask = async (host: string): Promise<number> => {
    const { responses } = await sendRaw(await served.process.listener('http'), request('/', { host }), { responses: 1 })
    return responses[0]!.status
  }

  it('is refused before the store hears of it, and keeps nobody from it', async () => {
    const before = store.commands.length
    expect(await ask('evil.example')).toBe(500)
    expect(store.commands.length).toBe(before)
    await expect.poll(() => ask('honest.example')).toBe(200)
    expect(Number(store.commands.at(-1)![2])).toBe(128)
  })
})
