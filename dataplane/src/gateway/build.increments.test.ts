import { resourceKey, type Provider, type Resource } from '@gatehouse/contract'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createGatewayState } from '../state/gatewayState.ts'
import type { BuiltGateway } from './build.ts'
import { allowAuthenticated, apiKey, bearer, clock, jwk, jwt, mtls, token } from './callerFixture.ts'
import type { Shelf } from './policySet.ts'
import {
  anonymous,
  build,
  connection,
  enforce,
  forgetful,
  forwardTo,
  installation,
  listener,
  match,
  openSnapshot,
  policy,
  quota,
  request,
  route,
  rule,
  upstream,
} from './snapshotFixture.ts'

/** A spec that no data plane can read, of a resource that one could. */
const unreadable = (resource: Resource): Resource =>
  ({ ...resource, spec: { ...resource.spec, unknown: 1 } }) as unknown as Resource

const name = fc.constantFrom('a', 'b')
const upstreams = ['shop/orders:80', 'shop/other:80']

const routes = fc
  .record({
    name,
    listeners: fc.subarray(['http', 'other'], { minLength: 1 }),
    hostnames: fc.subarray(['api.example', '*.example', 'b.example'], { minLength: 1 }),
    policy: fc.constantFrom('a', 'b', 'open'),
    level: fc.constantFrom(3, 4),
    use: fc.subarray([{ policy: 'shop/b', level: 0, provider: 'staff' }]),
    path: fc.constantFrom('/', '/a'),
    backend: fc.constantFrom(...upstreams),
    created: fc.nat(2),
    incomplete: fc.boolean(),
  })
  .map(({ name: own, listeners, hostnames, policy: by, level, use, path, backend, created, incomplete }) => {
    const action = forwardTo(backend)
    const access = enforce(by, level)
    const chosen = { ...access, authentication: { ...access.authentication, use } }
    const rules = [rule({ matches: [match(path)], access: chosen, action })]
    return route({ listeners, hostnames, created, rules, incomplete }, own)
  })

const viaMesh: Provider = {
  ...mtls,
  method: { type: 'Mtls', subjectAltNames: [{ type: 'DNS', pattern: '*.mesh' }], trust: 'shop/t' },
}

const policies = fc
  .record({
    name: fc.constantFrom('a', 'b', 'open'),
    provider: fc.constantFrom(anonymous, jwt, apiKey, viaMesh),
    limited: fc.boolean(),
    headers: fc.boolean(),
  })
  .map(({ name: own, provider, limited, headers }) =>
    policy(
      {
        providers: [provider],
        ...(provider === anonymous ? {} : { rules: [allowAuthenticated] }),
        quotas: limited ? [quota(['IP'], { rates: [{ limit: 1, window: 1000, burst: 1000 }] })] : [],
        identityHeaders: headers ? [{ name: 'x-subject', from: { type: 'Subject' } }] : [],
      },
      own,
    ),
  )

const remote = { type: 'Remote' as const, uri: 'https://idp.example/jwks', addresses: 'Public' as const }
const others: readonly Resource[] = [
  installation(),
  installation({ identityHeaders: ['x-roles'] }),
  installation({ tenancy: 'Shared', hosts: [{ pattern: '*.example', namespaces: ['shop'] }] }),
  listener(),
  listener({ hostname: 'b.example' }),
  listener({ port: 8081 }, 'other'),
  listener({ port: 8080 }, 'other'),
  ...upstreams.map(upstream),
  {
    kind: 'endpoints',
    name: upstreams[0]!,
    spec: { addresses: [{ address: '10.0.0.1', port: 80, zones: [], draining: false }] },
  },
  { kind: 'endpoints', name: upstreams[0]!, spec: { addresses: [] } },
  { kind: 'keySet', name: 'shop/staff/jwt', spec: { type: 'Inline', keys: [jwk] } },
  { kind: 'keySet', name: 'shop/staff/jwt', spec: { type: 'Inline', keys: [] } },
  { kind: 'keySet', name: 'shop/staff/jwt', spec: { ...remote, trust: 'shop/t' } },
  { kind: 'credentials', name: 'shop/staff/keys', spec: { clients: [] } },
  { kind: 'trust', name: 'shop/t', spec: { anchors: [] } },
  { kind: 'trust', name: 'shop/t', spec: { anchors: ['no certificate'] } },
]

const resource = fc
  .tuple(fc.oneof(routes, policies, fc.constantFrom(...others), fc.constantFrom(...others)), fc.nat(9))
  .map(([one, chance]) => (chance === 0 ? unreadable(one) : one))

/** Puts a resource, or takes away that of its name. */
const step = fc.record({ resource, drop: fc.nat(3).map((chance) => chance === 0) })

/** An open route, and in place of its policy one with a key set that is fetched. */
const fetching: readonly Resource[] = [
  ...openSnapshot(),
  policy({ providers: [jwt], rules: [allowAuthenticated] }),
  { kind: 'keySet', name: 'shop/staff/jwt', spec: { ...remote, trust: 'shop/t' } },
]
const first = fc.constantFrom(openSnapshot(), fetching)

const keyOf = ({ kind, name: own }: Resource): string => resourceKey({ kind, name: own })

const requests = [8080, 8081].flatMap((on) =>
  ['api.example', 'b.example'].flatMap((host) =>
    [
      ['Host', host],
      ['Host', host, ...bearer(token({ iss: 'https://idp' }))],
      ['Host', host, 'x-api-key', 'no'],
    ].map((rawHeaders) =>
      request('/a/b', [], { rawHeaders, connection: connection({ socket: `HTTP 127.0.0.1 ${on}` }) }),
    ),
  ),
)

/** What each thing was made from, by name, and what could not be made. */
const madeFrom = ({ made, failed }: Shelf<unknown>) => ({
  made: new Map([...made].map(([own, { key }]) => [own, key])),
  failed: new Set(failed.keys()),
})

/** All that can be seen of a gateway, and what its policies were made from. */
async function seen(built: BuiltGateway) {
  const decisions = await Promise.all(
    requests.map(async (each) => {
      const decision = await built.gateway.admit(each, forgetful)
      if (decision.outcome === 'permit') return decision.content.plan
      if (decision.outcome === 'usage') return decision.readings
      return decision.outcome === 'refusal' ? decision.code : decision.headers
    }),
  )
  const refused = built.refused.map((one) => JSON.stringify(one)).toSorted()
  const { policies, authenticators } = built.memo.policies
  return {
    decisions,
    refused,
    upstreams: new Map(built.gateway.upstreams),
    policies: madeFrom(policies),
    authenticators: madeFrom(authenticators),
  }
}

it('builds from what serves now what it would build from nothing, and lets go of all that is no longer used', async () => {
  await fc.assert(
    fc.asyncProperty(first, fc.array(step, { minLength: 1, maxLength: 25 }), async (resources, steps) => {
      const state = createGatewayState({ clock, random: () => 0 })
      const present = new Map(resources.map((one) => [keyOf(one), one]))
      let before = build([...present.values()], { state, clock })
      for (const { resource: one, drop } of steps) {
        if (drop) present.delete(keyOf(one))
        else present.set(keyOf(one), one)
        const next = build([...present.values()], { state, clock, previous: before })
        before.release()
        const anew = createGatewayState({ clock, random: () => 0 })
        const fresh = build([...present.values()], { state: anew, clock })
        expect(await seen(next)).toEqual(await seen(fresh))
        expect([...state.keySets.states()]).toEqual([...anew.keySets.states()])
        fresh.release()
        before = next
      }
      before.release()
      expect([...state.keySets.states()]).toEqual([])
      state.close()
    }),
    { numRuns: 300 },
  )
})
