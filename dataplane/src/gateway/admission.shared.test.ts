import type { Provider, Quota, StoreFault } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { createGatewayState } from '../state/gatewayState.ts'
import { storeKeys } from '../state/store/keys.ts'
import type { SharedMeter, SharedPhase } from '../state/store/phase.ts'
import type { SharedStore } from '../state/store/sharedStore.ts'
import { bearer, clock, decide, jwt, keySet, token } from './callerFixture.ts'
import { quotaStore } from './quotaStoreFixture.ts'
import { build, openSnapshot, policy, quota, request } from './snapshotFixture.ts'

type Settings = NonNullable<Quota['shared']>

const shared = (onStoreFailure: Settings['onStoreFailure'], over: Partial<Quota> = {}): Quota =>
  quota(['IP'], { name: 'together', scope: 'Shared', shared: { sharePercent: null, onStoreFailure }, ...over })

/** A store that answers as it is told, and remembers what it was asked. */
function scripted(answer: (meters: readonly SharedMeter[]) => SharedPhase | StoreFault) {
  const asked: (readonly SharedMeter[])[] = []
  const namespaces: string[] = []
  const store: SharedStore = {
    keys: storeKeys('gatehouse-system/edge'),
    count: (_mode, meters, namespace) => {
      asked.push(meters)
      namespaces.push(namespace)
      return Promise.resolve(answer(meters))
    },
    forget: () => Promise.resolve(0),
    mark: () => Promise.resolve('first'),
    state: () => 'up',
    fault: () => null,
    close: () => {},
  }
  return { asked, namespaces, store }
}

const passing = (meters: readonly SharedMeter[]): SharedPhase => ({
  passed: true,
  counts: meters.map(({ cost }) => ({ taken: cost, wait: 0, remaining: 1, reset: 1000 })),
})

const refusing = (meters: readonly SharedMeter[]): SharedPhase => ({
  passed: false,
  counts: meters.map((_meter, index) => ({ taken: 0, wait: index === 0 ? 2_500_000 : 0, remaining: 0, reset: 1000 })),
})

const once: Provider = {
  ...jwt,
  method: {
    ...(jwt.method as Extract<Provider['method'], { type: 'Jwt' }>),
    replay: { claim: 'jti', scope: 'Shared' },
  },
}

function gatewayWith(quotas: readonly Quota[], answer: Parameters<typeof scripted>[0], stored = true) {
  const { asked, namespaces, store } = scripted(answer)
  const state = createGatewayState({ clock, random: () => 0 })
  state.fleet.adopt({ dataPlanes: 2 })
  const lease = { value: store, retain: () => {}, release: () => {} }
  const stores = { ...state.stores, acquire: () => lease }
  const resources = [
    ...openSnapshot(),
    ...(stored ? [quotaStore] : []),
    keySet,
    policy({ quotas: [...quotas], providers: [jwt] }),
  ]
  const built = build(resources, { state: { ...state, stores }, clock })
  const ask = (claims: object = {}) => decide(built, request('/', bearer(token(claims))))
  return { ask, asked, namespaces, built }
}

describe('quotas that all data planes count together', () => {
  it('ask the store once for each phase, by keys of one installation', async () => {
    const byTenant = quota(['Tenant'], { name: 'tenants', shared: { sharePercent: 10, onStoreFailure: 'Deny' } })
    const { ask, asked, namespaces } = gatewayWith([shared('Deny'), byTenant], passing)
    expect(await ask()).toBe('permit')
    // Of the route, whose calls they are.
    expect(namespaces).toEqual(['shop', 'shop'])
    expect(asked.map((meters) => meters.length)).toEqual([1, 1])
    for (const [{ key }] of asked as [SharedMeter][]) expect(key).toMatch(/^gatehouse:\{gatehouse-system\/edge\}:q:/)
  })

  it('refuse when the store does, and then nothing is taken here either', async () => {
    const here = quota(['IP'], { name: 'here', rates: [{ limit: 1, window: 1000, burst: 2 }] })
    const { ask, asked } = gatewayWith([here, shared('Allow')], refusing)
    for (let request = 0; request < 5; request++) expect(await ask()).toBe('request-quota quota-exceeded')
    expect(asked).toHaveLength(5)
  })

  it('give back what was taken here when counting together fails where nobody expects it', async () => {
    const here = quota(['IP'], { name: 'here', rates: [{ limit: 1, window: 1000, burst: 2 }] })
    let broken = true
    const { ask } = gatewayWith([here, shared('Allow')], (meters) => {
      if (broken) throw new Error('planted')
      return passing(meters)
    })
    for (let request = 0; request < 5; request++) expect(await ask()).toBe('request-quota internal-error')
    broken = false
    expect([await ask(), await ask()]).toEqual(['permit', 'permit'])
  })

  it('are not blamed for what fails after them', async () => {
    const { built } = gatewayWith([shared('Allow')], passing)
    const authentication = (): never => {
      throw new Error('planted')
    }
    const opinion = await built.gateway.judge(request(), { counts: true, authentication, saw: () => {} })
    const judgement = { route: 'shop/orders', rule: 'all' }
    expect(opinion).toMatchObject({ code: 'internal-error', check: 'config', judgement, facts: { path: '/' } })
  })

  it('tell nothing of what was not asked', async () => {
    const rates = [1000, 2000].map((window) => ({ limit: 2, window, burst: 2 }))
    const { built } = gatewayWith([shared('Allow', { rates })], () => ({
      passed: false,
      counts: [null, { taken: 0, wait: 2_500_000, remaining: 0, reset: 1000 }],
    }))
    const opinion = await built.gateway.judge(request(), {
      counts: true,
      authentication: () => null,
      saw: () => {},
    })
    expect(opinion).toMatchObject({ code: 'quota-exceeded', quotas: [{ rate: { window: 2000 }, reset: 2500 }] })
  })

  it('do not trouble the store with what is refused here', async () => {
    const here = quota(['IP'], { name: 'here', rates: [{ limit: 1, window: 1000, burst: 1 }] })
    const { ask, asked } = gatewayWith([here, shared('Allow')], passing)
    expect(await ask()).toBe('permit')
    expect(await ask()).toBe('request-quota quota-exceeded')
    expect(asked).toHaveLength(1)
  })

  it('do without the store what their author chose', async () => {
    const fails = (...quotas: Quota[]) => gatewayWith(quotas, () => 'timeout').ask()
    expect(await fails(shared('Allow'))).toBe('permit')
    expect(await fails(shared('Deny'))).toBe('request-quota quota-unavailable')
    expect(await fails(shared('Allow'), shared('Deny', { name: 'strict' }))).toBe('request-quota quota-unavailable')
    const { ask } = gatewayWith(
      [shared('LocalFallback', { rates: [{ limit: 4, window: 1000, burst: 4 }] })],
      () => 'timeout',
    )
    // Half of the limit, since there are two.
    expect([await ask(), await ask(), await ask()]).toEqual(['permit', 'permit', 'request-quota quota-exceeded'])
  })

  it('are refused where nobody knows of a store', async () => {
    const { ask } = gatewayWith([shared('Allow')], passing, false)
    expect(await ask()).toBe('config config-invalid')
  })

  it('ask nobody for what costs nothing', async () => {
    const free = shared('Deny', { cost: { default: 0, byMethod: [], responseHeader: null } })
    const { ask, asked } = gatewayWith([free], () => 'timeout')
    expect(await ask()).toBe('permit')
    expect(asked).toEqual([])
  })

  it('deny without the store what tells its cost afterwards, and lease none of it', async () => {
    const cost = { default: 0, byMethod: [], responseHeader: { name: 'x-cost', max: 10 } }
    const together = { sharePercent: 10, onStoreFailure: 'Deny' } as const
    const told = shared('Deny', { cost, shared: together })
    expect(await gatewayWith([told], () => 'timeout').ask()).toBe('request-quota quota-unavailable')
    const { ask, asked } = gatewayWith([told], passing)
    expect([await ask(), await ask()]).toEqual(['permit', 'permit'])
    expect(asked).toHaveLength(2)
  })

  it('take a share at once where they are leased', async () => {
    const leased = shared('Deny', {
      shared: { sharePercent: 10, onStoreFailure: 'Deny' },
      rates: [{ limit: 200, window: 1000, burst: 200 }],
    })
    const { ask, asked } = gatewayWith([leased], passing)
    await ask()
    expect(asked[0]).toMatchObject([{ cost: 1, most: 20 }])
  })
})

describe('tokens that count once for all data planes', () => {
  const gatewayMarking = (mark: SharedStore['mark']) => {
    const state = createGatewayState({ clock, random: () => 0 })
    const value = { ...scripted(passing).store, mark }
    const stores = { ...state.stores, acquire: () => ({ value, retain: () => {}, release: () => {} }) }
    const resources = [...openSnapshot(), quotaStore, keySet, policy({ providers: [once] })]
    const built = build(resources, { state: { ...state, stores }, clock })
    return (jti: string) => decide(built, request('/', bearer(token({ jti }))))
  }

  it('are marked in the store by principal and id, until they expire', async () => {
    const marks: unknown[] = []
    const ask = gatewayMarking((use, now) => {
      marks.push([use, now])
      return Promise.resolve(marks.length === 1 ? 'first' : 'seen')
    })
    expect([await ask('a'), await ask('a')]).toEqual(['permit', 'replay unauthenticated'])
    const principal = JSON.stringify(['shop/open/staff', 'https://idp', 'ada'])
    expect(marks[0]).toEqual([{ principal, id: 'a', until: clock.now() + 3_600_000 }, clock.now()])
  })

  it('are refused while the store does not say whether they were used', async () => {
    const ask = gatewayMarking(() => Promise.resolve('unknown'))
    expect(await ask('a')).toBe('replay replays-full')
  })

  it('are refused where nobody knows of a store', async () => {
    const state = createGatewayState({ clock, random: () => 0 })
    const built = build([...openSnapshot(), keySet, policy({ providers: [once] })], { state, clock })
    expect(await decide(built, request('/', bearer(token({ jti: 'a' }))))).toBe('replay replays-full')
  })
})
