import { describe, expect, it } from 'vitest'
import type { Access, Resource } from '@gatehouse/contract'
import { createGatewayState, type GatewayState } from '../state/gatewayState.ts'
import type { BuiltGateway } from './build.ts'
import { admit, bearer, clock, jwt, keySet, token } from './callerFixture.ts'
import type { Would } from './refusal.ts'
import { refuseBlindly } from './refusing.ts'
import type { RawRequest } from './facts.ts'
import {
  authorizationRule as authorize,
  build,
  enforce,
  openSnapshot,
  policy,
  quota,
  request,
  route,
  rule,
} from './snapshotFixture.ts'
import { Trial } from './trial.ts'

/** What the trial of a request comes to. */
async function tried(built: BuiltGateway, raw: RawRequest = request()): Promise<Would | null> {
  const decision = await admit(built, raw)
  const opinion = decision.outcome === 'permit' ? decision.content : decision
  return (await opinion.trial?.compare(opinion)) ?? null
}

const outcomeOf = async (...asked: Parameters<typeof tried>): Promise<string | undefined> =>
  (await tried(...asked))?.outcome

const attached = (name: string, level = 4) => ({ policy: `shop/${name}`, level })

/** The open policy, and this one beside it as if it were enforced. */
const beside = (name: string, over: Partial<Extract<Access, { type: 'Enforce' }>> = {}): Access => ({
  ...enforce(),
  policies: [attached('open', 3), attached(name)],
  ...over,
})

const gatewayOf = (access: Access, shadow: Access | null, ...more: Resource[]): BuiltGateway =>
  gatewayWith(createGatewayState({ clock, random: () => 0 }), access, shadow, ...more)

const gatewayWith = (state: GatewayState, access: Access, shadow: Access | null, ...more: Resource[]): BuiltGateway => {
  const resources = [...openSnapshot(), keySet, ...more, route({ rules: [rule({ access, shadow })] })]
  return build([...new Map(resources.map((one) => [`${one.kind}/${one.name}`, one])).values()], { state, clock })
}

const denying = policy(
  { providers: [], rules: [authorize('Deny', { name: 'no-deletes', methods: ['DELETE'] })] },
  'candidate',
)
const deleting = request('/', [], { method: 'DELETE' })

describe('a trial', () => {
  it('does not exist where nothing is in Shadow', async () => {
    expect(await tried(gatewayOf(enforce(), null))).toBeNull()
  })

  it('says whom a deny list would refuse', async () => {
    const list: Resource = { kind: 'denyList', name: 'shop/denied', spec: { ranges: ['192.0.2.0/24'], callers: [] } }
    const listing = policy({ providers: [], rules: [], denyList: { list: 'shop/denied', broken: false } }, 'candidate')
    const built = gatewayOf(enforce(), beside('candidate'), list, listing)
    expect((await admit(built, request())).outcome).toBe('permit')
    expect(await tried(built)).toMatchObject({
      outcome: 'would-deny',
      code: 'denied',
      check: 'deny-list',
      policy: 'shop/candidate',
    })
  })

  it('says what would be denied, by what, and changes nothing', async () => {
    const built = gatewayOf(enforce(), beside('candidate'), denying)
    expect((await admit(built, deleting)).outcome).toBe('permit')
    expect(await tried(built, deleting)).toEqual({
      outcome: 'would-deny',
      code: 'forbidden',
      check: 'authorization',
      policy: 'shop/candidate',
      item: 'no-deletes',
      level: 4,
    })
    expect(await outcomeOf(built)).toBe('same')
  })

  it('applies rules that are in Shadow by themselves', async () => {
    const rules = [authorize('Deny', { name: 'no-deletes', methods: ['DELETE'] }), authorize('Allow')]
    const open = policy({ shadow: { rules, quotas: [] } })
    const built = gatewayOf(enforce(), enforce(), open)
    expect((await admit(built, deleting)).outcome).toBe('permit')
    expect(await tried(built, deleting)).toMatchObject({ outcome: 'would-deny', item: 'no-deletes' })
  })

  it('says what would be allowed where no policy decides yet', async () => {
    const built = gatewayOf({ type: 'Refuse', code: 'no-policy' }, enforce())
    expect((await admit(built)).outcome).toBe('refusal')
    expect(await tried(built)).toMatchObject({ outcome: 'would-allow', code: null, policy: 'shop/open' })
  })

  it('knows nothing where something goes wrong in it, however that shows', async () => {
    const tools = { work: { allows: () => true, spend: () => {} }, clock, enforced: null, witness: null }
    const decision = refuseBlindly('no-policy', 'policy')
    const failures = [
      () => refuseBlindly('internal-error', 'authentication'),
      () => Promise.reject(new Error('planted')),
      () => {
        throw new Error('planted')
      },
    ]
    for (const judge of failures)
      expect(await new Trial(tools, judge).compare(decision)).toMatchObject({ outcome: 'unknown' })
  })

  it('refuses where something in Shadow is broken', async () => {
    const built = gatewayOf(enforce(), { type: 'Refuse', code: 'config-invalid' })
    expect(await tried(built)).toMatchObject({ outcome: 'would-deny', code: 'config-invalid' })
    const missing = gatewayOf(enforce(), beside('nowhere'))
    expect(await tried(missing)).toMatchObject({ outcome: 'would-deny', code: 'config-invalid' })
    expect(missing.refused).toEqual([
      { resource: 'route/shop/orders', field: '/rules/0/shadow', reason: 'MissingReference' },
    ])
  })
})

describe('quotas of a trial', () => {
  const counting = policy({ providers: [], rules: [], quotas: [quota(['IP'])] }, 'candidate')

  it('count for themselves, and what is enforced counts as ever', async () => {
    const built = gatewayOf(enforce(), beside('candidate'), counting)
    const outcomes = [await tried(built), await tried(built), await tried(built)].map((would) => would?.outcome)
    expect(outcomes).toEqual(['same', 'same', 'would-deny'])
    expect(await tried(built)).toMatchObject({ check: 'request-quota', policy: 'shop/candidate', item: 'burst' })
  })

  it('take slots of their own for as long as the request runs', async () => {
    const concurrency = { keys: ['IP' as const], limit: 1 }
    const state = createGatewayState({ clock, random: () => 0 })
    const counting = policy({ providers: [], rules: [], concurrency }, 'candidate')
    const built = gatewayWith(state, enforce(), beside('candidate'), counting)
    expect(await outcomeOf(built)).toBe('same')
    expect([state.slots.taken(), state.shadow.slots.taken()]).toEqual([0, 1])
    expect((await admit(built)).outcome).toBe('permit')
    expect(await tried(built)).toMatchObject({
      outcome: 'would-deny',
      code: 'concurrency-exceeded',
      check: 'concurrency',
    })
  })

  it('leave the same quota alone where it is enforced', async () => {
    const both = [attached('open', 3), attached('candidate')]
    const state = createGatewayState({ clock, random: () => 0 })
    const elsewhere = rule({ access: { ...enforce(), policies: both } })
    const trying = rule({ shadow: beside('candidate') })
    const resources = [...openSnapshot().filter(({ kind }) => kind !== 'route'), counting]
    const built = build(
      [...resources, route({ rules: [trying] }), route({ rules: [elsewhere], hostnames: ['other.example'] }, 'other')],
      { state, clock },
    )
    for (let count = 0; count < 5; count++) await tried(built)
    const other = request('/', [], { rawHeaders: ['Host', 'other.example'] })
    expect((await admit(built, other)).outcome).toBe('permit')
  })

  it('count an enforced quota once: what it refuses stays refused', async () => {
    const open = policy({ quotas: [quota(['IP'])] })
    const built = gatewayOf(enforce(), beside('candidate'), open, denying)
    expect(await outcomeOf(built)).toBe('same')
    expect(await outcomeOf(built, deleting)).toBe('would-deny')
    expect(await tried(built, deleting)).toMatchObject({ outcome: 'same', code: 'quota-exceeded', policy: 'shop/open' })
    expect((await admit(built)).outcome).toBe('refusal')
  })
})

describe('providers of a trial', () => {
  const staff = policy({ providers: [jwt], rules: [authorize('Allow')] }, 'staff')
  const shadow = beside('staff', { authentication: { ...attached('staff'), use: [] }, allow: attached('staff') })

  it('judge for themselves when others decide', async () => {
    const built = gatewayOf(enforce(), shadow, staff)
    expect(await tried(built)).toMatchObject({ outcome: 'would-deny', code: 'unauthenticated' })
    expect(await outcomeOf(built, request('/', bearer(token({}))))).toBe('same')
    expect(await tried(built, request('/', bearer(token({}, 'other'))))).toMatchObject({ outcome: 'would-deny' })
  })

  it('judge once when the same decide', async () => {
    const access = { ...enforce('staff', 4), identityHeaders: null }
    const built = gatewayOf(access, { ...access, policies: [attached('staff'), attached('candidate')] }, staff, denying)
    const signed = bearer(token({}))
    expect(await outcomeOf(built, request('/', signed))).toBe('same')
    expect(await tried(built, request('/', signed, { method: 'DELETE' }))).toMatchObject({ outcome: 'would-deny' })
    expect(await tried(built)).toMatchObject({ outcome: 'same', code: 'unauthenticated' })
  })

  it('fetch no keys, and know nothing then', async () => {
    const remote: Resource = {
      kind: 'keySet',
      name: 'shop/staff/jwt',
      spec: { type: 'Remote', uri: 'https://idp.example/jwks', addresses: 'Public', trust: null },
    }
    const state = createGatewayState({ clock, random: () => 0 })
    const resources = [...openSnapshot().filter(({ kind }) => kind !== 'route'), staff, remote]
    const built = build([...resources, route({ rules: [rule({ shadow })] })], { state, clock })
    expect([...state.keySets.states()]).toEqual([])
    expect(await outcomeOf(built, request('/', bearer(token({}))))).toBe('unknown')
    expect(await outcomeOf(built)).toBe('would-deny')
  })
})

describe('the time that trials may take', () => {
  it('is bounded', async () => {
    const state = createGatewayState({ clock, random: () => 0 })
    const resources = [...openSnapshot().filter(({ kind }) => kind !== 'route'), denying]
    const built = build([...resources, route({ rules: [rule({ shadow: beside('candidate') })] })], { state, clock })
    state.shadow.work.spend(1000)
    expect(await tried(built)).toMatchObject({ outcome: 'unknown', code: null })
    clock.advance(20_000)
    expect(await outcomeOf(built)).toBe('same')
  })
})
