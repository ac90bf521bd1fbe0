import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Resource } from '@gatehouse/contract'
import { createGatewayState, type GatewayState } from '../state/gatewayState.ts'
import { createKeySets } from '../state/keySets.ts'
import { createTokenCache } from '../state/tokenCache.ts'
import type { BuiltGateway } from './build.ts'
import {
  authorizationRule,
  build,
  enforce,
  forgetful,
  installation,
  listener,
  openSnapshot,
  policy,
  provider,
  quota,
  request,
  route,
  rule,
  testClock,
  upstream,
} from './snapshotFixture.ts'

const clock = testClock()
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = (kid: string) => ({ ...pair.publicKey.export({ format: 'jwk' }), kid }) as Record<string, string>

/** State that counts what is fetched and what goes on fetching. */
function counted() {
  const calls = { fetches: 0 }
  const fetch = () => {
    calls.fetches++
    return Promise.resolve(JSON.stringify({ keys: [jwk('k')] }))
  }
  const keySets = createKeySets({ clock, random: () => 0, fetch })
  const state: GatewayState = {
    ...createGatewayState({ clock, random: () => 0 }),
    tokens: createTokenCache(() => clock.now()),
    keySets,
    close: () => keySets.close(),
  }
  return { state, calls }
}

const jwt = provider(
  {
    type: 'Jwt',
    issuer: 'https://idp',
    audiences: ['orders'],
    algorithms: ['ES256'],
    keySet: 'shop/open/jwt',
    from: [{ header: 'authorization', prefix: 'Bearer ' }],
    requiredTyp: null,
    clockSkew: 0,
    maxTokenAge: null,
    replay: null,
    map: { roles: null, scopes: null, groups: null, tenant: null, plan: null, trustLevel: null },
  },
  { name: 'staff' },
)
const withJwt = policy({
  providers: [jwt],
  rules: [authorizationRule('Allow', { principal: [{ attribute: 'Authenticated' }] })],
})
const remote: Resource = {
  kind: 'keySet',
  name: 'shop/open/jwt',
  spec: { type: 'Remote', uri: 'https://idp.example/jwks', addresses: 'Public', trust: null },
}
const inline = (...kids: string[]): Resource =>
  ({ ...remote, spec: { type: 'Inline', keys: kids.map(jwk) } }) as Resource

const bearer = (): string[] => {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const claims = { iss: 'https://idp', aud: 'orders', sub: 'ada', exp: clock.now() / 1000 + 3600 }
  const input = `${encode({ alg: 'ES256', kid: 'k' })}.${encode(claims)}`
  const signature = sign('sha256', Buffer.from(input), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' })
  return ['Authorization', `Bearer ${input}.${signature.toString('base64url')}`]
}

const outcome = async (built: BuiltGateway, headers: readonly string[] = []): Promise<string> => {
  const decision = await built.gateway.admit(request('/', headers), forgetful)
  return decision.outcome === 'refusal' ? decision.code : decision.outcome
}

describe('buildGateway', () => {
  it('names the revision and what it could not take', () => {
    const { state } = counted()
    const built = build([...openSnapshot(), { kind: 'odd', name: 'x', spec: {} } as unknown as Resource], {
      state,
      clock,
    })
    expect(built.gateway.revision).toMatch(/^[0-9a-f]{64}$/)
    expect(built.refused).toEqual([{ resource: 'odd/x', field: '', reason: 'UnknownKind' }])
  })

  it('serves nothing from nothing', async () => {
    const built = build([], { state: counted().state, clock })
    expect(await outcome(built)).toBe('config-invalid')
    expect(built.gateway.installation.outbound.deniedAddresses).toEqual(['0.0.0.0/0', '::/0'])
  })

  it('reports at most what an acknowledgement can carry', () => {
    const many = Array.from(
      { length: 1100 },
      (_, i) => ({ kind: 'odd', name: `x${i}`, spec: {} }) as unknown as Resource,
    )
    expect(build(many, { state: counted().state, clock }).refused).toHaveLength(1000)
  })

  it('fetches a key set once for all snapshots, and ends it with the last that uses it', async () => {
    const { state, calls } = counted()
    const resources = [...openSnapshot().filter(({ kind }) => kind !== 'policy'), withJwt, remote]
    const first = build(resources, { state, clock })
    expect(await outcome(first, bearer())).toBe('permit')
    const second = build([...resources, route({ hostnames: ['b.example'] }, 'b')], { state, clock, previous: first })
    first.release()
    first.release()
    expect([...state.keySets.states()]).toEqual(['fresh'])
    expect(await outcome(second, bearer())).toBe('permit')
    expect(calls.fetches).toBe(1)
    const third = build(openSnapshot(), { state, clock, previous: second })
    second.release()
    expect([...state.keySets.states()]).toEqual([])
    const fourth = build(resources, { state, clock, previous: third })
    expect(await outcome(fourth, bearer())).toBe('permit')
    expect(calls.fetches).toBe(2)
    state.close()
  })

  it('a key that is removed acts at once, also on tokens that are known', async () => {
    const { state } = counted()
    const resources = (...kids: string[]) => [
      ...openSnapshot().filter(({ kind }) => kind !== 'policy'),
      withJwt,
      inline(...kids),
    ]
    const first = build(resources('k'), { state, clock })
    expect(await outcome(first, bearer())).toBe('permit')
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
    const replaced = { ...remote, spec: { type: 'Inline', keys: [{ ...other, kid: 'k' }] } } as Resource
    const second = build([...resources().filter(({ kind }) => kind !== 'keySet'), replaced], {
      state,
      clock,
      previous: first,
    })
    expect(await outcome(second, bearer())).toBe('unauthenticated')
    const third = build(resources('k'), { state, clock, previous: second })
    expect(await outcome(third, bearer())).toBe('permit')
  })

  it('keeps counts across snapshots, also when the limit changes', async () => {
    const { state } = counted()
    const limited = (burst: number) => [
      ...openSnapshot(),
      policy({ quotas: [quota(['IP'], { rates: [{ limit: 1, window: 60_000, burst }] })] }),
    ]
    const first = build(limited(3), { state, clock })
    for (let i = 0; i < 3; i++) expect(await outcome(first)).toBe('permit')
    const second = build(limited(5), { state, clock, previous: first })
    first.release()
    expect([await outcome(second), await outcome(second), await outcome(second)]).toEqual([
      'permit',
      'permit',
      'quota-exceeded',
    ])
    const gone = build(openSnapshot(), { state, clock, previous: second })
    second.release()
    const back = build(limited(5), { state, clock, previous: gone })
    expect(await outcome(back)).toBe('quota-exceeded')
  })

  it('refuses an identity header as soon as the installation no longer removes it', async () => {
    const { state } = counted()
    const told = policy({ identityHeaders: [{ name: 'x-subject', from: { type: 'Subject' } }] })
    const first = build([...openSnapshot(), told], { state, clock })
    expect(await outcome(first)).toBe('permit')
    const without = installation({ identityHeaders: ['x-roles'] })
    const second = build([...openSnapshot(), told, without], { state, clock, previous: first })
    expect(await outcome(second)).toBe('config-invalid')
  })

  it('leaves a gateway that still serves as it was', async () => {
    const { state } = counted()
    const first = build(openSnapshot(), { state, clock })
    build([installation(), listener()], { state, clock, previous: first })
    expect(await outcome(first)).toBe('permit')
  })

  it('rebuilds only what changed', () => {
    const { state } = counted()
    const second = policy({}, 'second')
    const resources = [
      ...openSnapshot(),
      second,
      route({ hostnames: ['b.example'], rules: [rule({ access: enforce('second') })] }, 'b'),
    ]
    const before = build(resources, { state, clock })
    const endpoints: Resource = {
      kind: 'endpoints',
      name: 'shop/orders:80',
      spec: { addresses: [{ address: '10.0.0.1', port: 80, zones: [], draining: false }] },
    }
    const moved = build([...resources, endpoints], { state, clock, previous: before })
    expect([...moved.memo.routes.values()]).toEqual([...before.memo.routes.values()])
    for (const [name, compiled] of moved.memo.routes) expect(compiled).toBe(before.memo.routes.get(name))
    expect(moved.gateway.upstreams.get('shop/orders:80')?.addresses).toHaveLength(1)
    const edited = build(
      [...resources.filter((one) => one !== second), policy({ quotas: [quota(['IP'])] }, 'second')],
      { state, clock, previous: moved },
    )
    expect(edited.memo.routes.get('shop/orders')).toBe(before.memo.routes.get('shop/orders'))
    expect(edited.memo.routes.get('shop/b')).not.toBe(before.memo.routes.get('shop/b'))
  })

  it('notices what a route refers to, when that comes and goes', async () => {
    const { state } = counted()
    const without = openSnapshot().filter(({ kind }) => kind !== 'upstream')
    const first = build(without, { state, clock })
    const backends = (built: BuiltGateway) => {
      const decision = built.gateway.admit(request(), forgetful)
      return 'content' in decision && decision.content.plan.type === 'Forward'
        ? decision.content.plan.action.backends.map(({ type }) => type)
        : []
    }
    expect(backends(first)).toEqual(['Invalid'])
    const second = build([...without, upstream()], { state, clock, previous: first })
    expect(backends(second)).toEqual(['Upstream'])
    const third = build(
      openSnapshot().filter(({ kind }) => kind !== 'policy'),
      { state, clock, previous: second },
    )
    expect(await outcome(third)).toBe('config-invalid')
    expect(third.refused).toEqual([
      { resource: 'route/shop/orders', field: '/rules/0/access', reason: 'MissingReference' },
    ])
  })
})
