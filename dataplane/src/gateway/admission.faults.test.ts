import { describe, expect, it } from 'vitest'
import type { Provider, Resource } from '@gatehouse/contract'
import {
  allowAuthenticated,
  apiKey,
  bearer,
  decide,
  gateway,
  jwk,
  jwt,
  keySet,
  mtls,
  permitted,
  token,
  under,
} from './callerFixture.ts'
import {
  anonymous,
  authorizationRule as authorize,
  certificateOf,
  connection,
  enforce,
  installation,
  listener,
  policy,
  quota,
  request,
  route,
  rule,
  upstream,
} from './snapshotFixture.ts'

describe('fail closed by unit (M7)', () => {
  const unreadable = (one: Resource): Resource => ({ ...one, spec: { ...one.spec, unknown: 1 } }) as unknown as Resource
  const other = route({ hostnames: ['other.example'] }, 'other')
  const elsewhere = request('/', [], { rawHeaders: ['Host', 'other.example'] })

  it.each<[string, Resource[], string, string]>([
    ['installation', [unreadable(installation())], 'config config-invalid', 'config config-invalid'],
    ['route', [unreadable(route())], 'config config-invalid', 'permit'],
    [
      'route with unreadable hosts',
      [{ ...route(), spec: { hostnames: [''] } } as unknown as Resource],
      'route no-route',
      'config config-invalid',
    ],
    ['policy', [unreadable(policy())], 'config config-invalid', 'config config-invalid'],
    [
      'policy of one route',
      [route({ rules: [rule({ access: enforce('second') })] }), unreadable(policy({}, 'second'))],
      'config config-invalid',
      'permit',
    ],
    ['missing policy', [route({ rules: [rule({ access: enforce('gone') })] })], 'config config-invalid', 'permit'],
    [
      'broken action',
      [route({ rules: [rule({ action: { type: 'Refuse', code: 'config-invalid' } })] })],
      'config config-invalid',
      'permit',
    ],
    [
      'broken access',
      [route({ rules: [rule({ access: { type: 'Refuse', code: 'config-invalid' } })] })],
      'config config-invalid',
      'permit',
    ],
    [
      'broken quota',
      [policy({ quotas: [quota(['IP'], { broken: true })] })],
      'config config-invalid',
      'config config-invalid',
    ],
    [
      'broken Deny',
      [policy({ rules: [authorize('Allow'), authorize('Deny', { broken: true })] })],
      'config config-invalid',
      'config config-invalid',
    ],
    [
      'broken Require of another method',
      [policy({ rules: [authorize('Allow'), authorize('Require', { broken: true, methods: ['PUT'] })] })],
      'permit',
      'permit',
    ],
    [
      'header that clients could set',
      [policy({ identityHeaders: [{ name: 'x-other', from: { type: 'Subject' } }] })],
      'config config-invalid',
      'config config-invalid',
    ],
    [
      'listener that the route also names',
      [unreadable(listener({}, 'admin')), route({ listeners: ['admin', 'http'] })],
      'config config-invalid',
      'permit',
    ],
  ])('%s', async (_name, resources, own, others) => {
    const built = gateway(other, ...resources)
    expect([await decide(built), await decide(built, elsewhere)]).toEqual([own, others])
  })

  it.each<[string, Resource[]]>([
    ['unreadable key set', [unreadable(keySet)]],
    ['key set with a secret key', [{ ...keySet, spec: { type: 'Inline', keys: [{ ...jwk, d: 'AA' }] } } as Resource]],
    ['key set without a usable key', [{ ...keySet, spec: { type: 'Inline', keys: [] } } as Resource]],
    ['broken provider', [policy({ providers: [{ ...jwt, broken: true }, apiKey, anonymous] })]],
  ])('%s: refuses what its provider claims, and nothing else', async (_name, resources) => {
    const built = gateway(policy({ providers: [jwt, apiKey, anonymous] }), ...resources)
    expect(await decide(built, request('/', bearer(token({}))))).toBe('authentication config-invalid')
    expect(await decide(built, request('/', ['x-api-key', 'secret']))).toBe('permit')
    expect(await decide(built)).toBe('permit')
  })

  it('missing key sets, credentials and trust are reported and refuse', async () => {
    const narrow = { ...mtls, method: { ...mtls.method, trust: 'shop/gone' } } as Provider
    const lost = { ...apiKey, method: { ...apiKey.method, credentials: 'shop/gone' } } as Provider
    const nowhere = { ...jwt, method: { ...jwt.method, keySet: 'shop/gone' } } as Provider
    const built = under({ providers: [nowhere, lost, narrow], rules: [allowAuthenticated] })
    const known = connection({ clientCertificate: certificateOf({ dnsNames: ['web.mesh'] }) })
    for (const raw of [
      request('/', bearer(token({}))),
      request('/', ['x-api-key', 'secret']),
      request('/', [], { connection: known }),
    ])
      expect(await decide(built, raw)).toBe('authentication config-invalid')
    expect(built.refused.map(({ resource, reason }) => `${resource} ${reason}`)).toEqual([
      'keySet/shop/gone MissingReference',
      'credentials/shop/gone MissingReference',
      'trust/shop/gone MissingReference',
    ])
  })

  it('a trust that cannot be read breaks the provider that it narrows', async () => {
    const narrow = { ...mtls, method: { ...mtls.method, trust: 'shop/ca' } } as Provider
    const trust: Resource = { kind: 'trust', name: 'shop/ca', spec: { anchors: ['garbage'] } }
    const built = under({ providers: [narrow], rules: [allowAuthenticated] }, trust)
    const known = connection({ clientCertificate: certificateOf({ dnsNames: ['web.mesh'] }) })
    expect(await decide(built, request('/', [], { connection: known }))).toBe('authentication config-invalid')
    expect(built.refused).toEqual([{ resource: 'trust/shop/ca', field: '/anchors', reason: 'BuildFailed' }])
  })

  it('an unreadable upstream costs its share, and missing endpoints are none', async () => {
    const built = gateway(unreadable(upstream()))
    const { action } = (await permitted(built, request())).content.plan
    expect(action).toMatchObject({ backends: [{ type: 'Invalid', weight: 1 }] })
    expect(gateway().gateway.upstreams.get('shop/orders:80')?.addresses).toEqual([])
  })

  it('an incomplete route refuses what could fall through to its namespace', async () => {
    const built = gateway(route({ incomplete: true, rules: [] }, 'broken'))
    expect(await decide(built)).toBe('config config-invalid')
  })

  it('one poisoned resource does not hold up the rest', async () => {
    const many = Array.from({ length: 50 }, (_, i) => route({ hostnames: [`h${i}.example`] }, `r${i}`))
    const built = gateway(...many.with(7, unreadable(many[7]!)))
    expect(built.refused).toEqual([{ resource: 'route/shop/r7', field: '/unknown', reason: 'UnknownField' }])
    for (const i of [0, 8, 49])
      expect(await decide(built, request('/', [], { rawHeaders: ['Host', `h${i}.example`] }))).toBe('permit')
  })
})
