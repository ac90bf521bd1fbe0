import { describe, expect, it } from 'vitest'
import { plan, type Plan } from './plan.ts'
import { schedule } from './schedule.ts'
import { publicationOf, type AuthorityState, type KeyedIssuer, type Observed, type RoleState } from './state.ts'

const now = Date.UTC(2030, 0, 1)
const day = 86_400_000

const issuer = (id: string, age: number): KeyedIssuer => ({
  id,
  certificate: id,
  privateKey: id,
  notBefore: now - age - schedule.backdate,
  notAfter: now - age + schedule.issuer.lifetime,
})
const pair = (name: string) => ({ privateKey: name, publicKey: name })

interface Situation {
  readonly issuers?: Partial<NonNullable<AuthorityState['issuers']>>
  readonly since?: number | null
  readonly changedAt?: number | null
  readonly leaf?: RoleState['leaf']
}

/** Three Secrets that are as they should be and have long been so, but for what is said. */
function observed({ issuers, since = now - 10 * day, changedAt = now - 10 * day, leaf }: Situation = {}) {
  const current = issuers?.current ?? issuer('a', 100 * day)
  const authority: AuthorityState = {
    issuers: { next: null, previous: null, ...issuers, current },
    signing: { current: pair('k1'), next: pair('k2'), previous: null, since },
  }
  const issued = now - 10 * day
  const fresh = { issuer: current.id, notBefore: issued - schedule.backdate, notAfter: issued + schedule.leaf.lifetime }
  const role = (name: 'controller' | 'dataplane'): RoleState => {
    const { trust, signing } = publicationOf(name, authority)
    return { changedAt, trust: trust.map(({ id }) => id), leaf: leaf === undefined ? fresh : leaf, signing }
  }
  return { authority, controller: role('controller'), dataplane: role('dataplane') } satisfies Observed
}

const planned = (state: Observed): Plan => plan(state, { source: 'Own', now })
const authority = (action: string) => ({ secret: 'authority', action })

describe('plan', () => {
  it('has nothing to do when all is well', () => {
    expect(planned(observed())).toBe(null)
  })

  const leafAged = (age: number) => ({
    issuer: 'a',
    notBefore: now - age - schedule.backdate,
    notAfter: now - age + schedule.leaf.lifetime,
  })
  it.each([
    ['is two thirds through', leafAged(60 * day), 'ISSUE_LEAF'],
    ['is not quite there', leafAged(60 * day - 1), null],
    ['is not valid yet', { ...leafAged(0), notBefore: now + 1 }, 'ISSUE_LEAF'],
    ['was cut short and is over', { ...leafAged(day), notAfter: now }, 'ISSUE_LEAF'],
    ['is of nobody known', { ...leafAged(day), issuer: null }, 'ISSUE_LEAF'],
    ['is none', null, 'ISSUE_LEAF'],
  ] as const)('for a leaf that %s', (_, leaf, action) => {
    expect(planned(observed({ leaf }))).toEqual(action && { secret: 'dataplane', action })
  })

  const [a, b] = [issuer('a', 2433 * day), issuer('b', day)]
  it.each([
    ['announces a new authority two thirds through', { issuers: { current: a } }, 'ANNOUNCE_ISSUER'],
    ['not before that', { issuers: { current: issuer('a', 2433 * day - 1) } }, null],
    ['promotes it when it has settled', { issuers: { current: a, next: b } }, 'PROMOTE_ISSUER'],
    ['not before that', { issuers: { current: a, next: b }, changedAt: now - day + 1 }, null],
    [
      'at once when nobody trusts the one before any more',
      { issuers: { current: issuer('a', 3650 * day), next: b }, changedAt: now },
      'PROMOTE_ISSUER',
    ],
    ['drops the one before when its leaves are gone', { issuers: { current: b, previous: a } }, 'DROP_ISSUER'],
    ['not before that', { issuers: { current: b, previous: a }, changedAt: now - day + 1 }, null],
  ] as const)('%s', (_, situation, action) => {
    const leaf = { ...leafAged(day), issuer: situation.issuers.current.id }
    expect(planned(observed({ ...situation, leaf }))).toEqual(action && authority(action))
  })

  it.each([
    ['after 90 days', { since: now - 90 * day }, authority('ROTATE_SIGNING_KEY')],
    ['not before that', { since: now - 90 * day + 1 }, null],
    ['not while the next may be unknown', { since: now - 90 * day, changedAt: now - day + 1 }, null],
    ['counting from now when it does not count', { since: null }, authority('COUNT_SIGNING_KEY')],
    ['counting from now after a leap of the clock', { since: now + 2 * day }, authority('COUNT_SIGNING_KEY')],
  ] as const)('rotates the signing key %s', (_, situation, step) => {
    expect(planned(observed(situation))).toEqual(step)
  })

  it.each([null, now + 2 * day])('publishes anew what was changed at %s, which is no time', (changedAt) => {
    expect(planned(observed({ changedAt }))).toEqual({ secret: 'dataplane', action: 'PUBLISH' })
  })

  it.each(['controller', 'dataplane'] as const)('publishes what the Secret of the %s lacks', (role) => {
    const state = observed()
    const publish = { secret: role, action: 'PUBLISH' }
    expect(planned({ ...state, [role]: { ...state[role], trust: ['other'] } })).toEqual(publish)
    expect(planned({ ...state, [role]: { ...state[role], signing: ['k2'] } })).toEqual(publish)
    expect(planned({ ...state, [role]: null })).toEqual({ secret: role, action: 'CREATE' })
  })

  it('makes an authority only where nothing is', () => {
    const state = observed()
    const nothing = { authority: null, controller: null, dataplane: null }
    expect(planned(nothing)).toEqual(authority('MAKE_AUTHORITY'))
    expect(planned({ ...nothing, controller: state.controller })).toBe('AUTHORITY_MISSING')
    expect(planned({ ...nothing, dataplane: state.dataplane })).toBe('AUTHORITY_MISSING')
  })

  it('looks after signing keys only when leaves come from elsewhere', () => {
    const external = (state: Observed): Plan => plan(state, { source: 'External', now })
    const state = observed({ leaf: null, issuers: { current: a } })
    expect(external(state)).toBe(null)
    expect(external({ ...state, dataplane: { ...state.dataplane, trust: [] } })).toBe(null)
    expect(external({ ...state, authority: { ...state.authority, issuers: null } })).toBe(null)
    expect(planned({ ...state, authority: { ...state.authority, issuers: null } })).toEqual(authority('MAKE_ISSUER'))
  })
})
