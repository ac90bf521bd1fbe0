import type { Access, Resource } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { allowAcme, apiKey, bearer, decide, gateway, jwt, permitted, refused, token } from './callerFixture.ts'
import { authorizationRule as authorize, policy, request, route, rule } from './snapshotFixture.ts'

const platform = { policy: 'shop/platform', level: 0 }
const team = { policy: 'shop/team', level: 3 }
const staff = { ...platform, provider: 'staff' }

type Enforce = Extract<Access, { type: 'Enforce' }>

/** The team's rules, by the platform's provider or others, under both policies. */
const access = (over: Partial<Enforce> = {}): Enforce => ({
  type: 'Enforce',
  authentication: { ...team, use: [staff] },
  allow: team,
  identityHeaders: null,
  cors: [],
  policies: [platform, team],
  ...over,
})

const acmeOnly = authorize('Require', { principal: allowAcme.principal })

const underBoth = (over: Partial<Enforce> = {}, teams: Parameters<typeof policy>[0] = { providers: [] }) =>
  gateway(
    policy({ providers: [jwt], rules: [acmeOnly] }, 'platform'),
    policy({ rules: [authorize('Allow', { principal: [{ attribute: 'Authenticated' }] })], ...teams }, 'team'),
    route({ rules: [rule({ access: access(over) })] }),
  )

describe('a provider that is used by a narrower policy', () => {
  it('stays what it is where it is defined', async () => {
    const { content } = await permitted(underBoth(), request('/', bearer(token({}))))
    expect(content.principal).toMatchObject({ providerObject: 'shop/platform/staff', level: 0, provider: 'staff' })
  })

  it('is believed by the wider level, whose checks it must pass', async () => {
    const other = await refused(underBoth(), request('/', bearer(token({ tid: 'other' }))))
    expect(other.judgement).toMatchObject({ policy: 'shop/platform', level: 0, item: 'require' })
  })

  it('stands beside those of the policy that uses it', async () => {
    const built = underBoth({}, { providers: [apiKey] })
    expect(await decide(built, request('/', bearer(token({}))))).toBe('permit')
    expect(await decide(built, request('/', ['x-api-key', 'wrong']))).toBe('authentication unauthenticated')
  })

  it('leaves to the wider level a caller that only the narrower one vouches for', async () => {
    const built = underBoth({}, { providers: [apiKey] })
    const refusal = await refused(built, request('/', ['x-api-key', 'secret']))
    expect(refusal).toMatchObject({ code: 'forbidden', judgement: { policy: 'shop/platform', level: 0 } })
  })

  it.each([
    ['no such policy', { ...staff, policy: 'shop/none' }],
    ['no such provider', { ...staff, provider: 'none' }],
  ])('refuses the rule where there is %s', async (_, used) => {
    const built = underBoth({ authentication: { ...team, use: [used] } })
    expect(await decide(built, request('/', bearer(token({}))))).toBe('config config-invalid')
    expect(built.refused).toMatchObject([{ resource: 'route/shop/orders', reason: 'MissingReference' }])
  })
})

describe('a deny list', () => {
  const listed = { denyList: { list: 'shop/denied', broken: false } }
  const list = (ranges: string[]): Resource => ({
    kind: 'denyList',
    name: 'shop/denied',
    spec: { ranges, callers: [{ of: 'Issuer', name: 'https://idp', what: 'Subject', value: 'mallory' }] },
  })
  const both = (wide: object, narrow: object, ranges: string[]) =>
    gateway(
      list(ranges),
      policy({ providers: [jwt], rules: [acmeOnly], ...wide }, 'platform'),
      policy(
        { providers: [], rules: [authorize('Allow', { principal: [{ attribute: 'Authenticated' }] })], ...narrow },
        'team',
      ),
      route({ rules: [rule({ access: access() })] }),
    )

  it.each([
    ['wider', listed, {}, 0],
    ['narrower', {}, listed, 3],
  ])('of the %s level holds, for addresses and for callers', async (_name, wide, narrow, level) => {
    expect(await decide(both(wide, narrow, ['192.0.2.0/24']), request('/', bearer(token({}))))).toBe('deny-list denied')
    const built = both(wide, narrow, ['198.51.100.0/24'])
    expect(await decide(built, request('/', bearer(token({}))))).toBe('permit')
    const refusal = await refused(built, request('/', bearer(token({ sub: 'mallory' }))))
    expect(refusal).toMatchObject({ code: 'denied', check: 'deny-list', judgement: { level, item: 'staff' } })
  })

  it('that is not there refuses the rule, and is told (M7)', async () => {
    const built = gateway(
      policy({ providers: [jwt], rules: [acmeOnly], ...listed }, 'platform'),
      policy({ providers: [] }, 'team'),
      route({ rules: [rule({ access: access() })] }),
    )
    expect(await decide(built, request('/', bearer(token({}))))).toBe('config config-invalid')
    expect(built.refused).toMatchObject([{ resource: 'denyList/shop/denied', reason: 'MissingReference' }])
  })
})
