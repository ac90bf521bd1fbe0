import { createHash } from 'node:crypto'
import { snapshotOf, type Json } from '@gatehouse/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compile } from '../../controller/src/compile/compile.ts'
import type { CompileOptions } from '../../controller/src/compile/options.ts'
import { worldOf } from '../../controller/src/compile/worldOf.ts'
import { buildGateway } from '../../dataplane/src/gateway/build.ts'
import { forgetful, request, testClock } from '../../dataplane/src/gateway/snapshotFixture.ts'
import type { Principal } from '../../dataplane/src/policy/principal.ts'
import { createGatewayState } from '../../dataplane/src/state/gatewayState.ts'

/** Random policies of all levels, compiled and asked, beside a model that knows nothing but what M2, M4 and M5 say. */

type Document = { readonly [key: string]: Json }

const platform = 'gatehouse-system'
const options: CompileOptions = {
  address: '127.0.0.1',
  listen: { HTTP: null, HTTPS: null },
  upstreams: new Map(),
  deniedAddresses: [],
  folder: false,
}

const own = (kind: string, [namespace, name]: readonly [string, string], spec: Document, second = 0): Document => ({
  apiVersion: 'gatehouse.dev/v1alpha1',
  kind,
  metadata: { name, namespace, creationTimestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString() },
  spec,
})

const gatehouse = own('Gatehouse', [platform, 'edge'], {
  tenancy: 'Single',
  listeners: [
    {
      name: 'http',
      port: 8080,
      protocol: 'HTTP',
      default: true,
      plaintextCredentials: 'Allow',
      allowedRoutes: { namespaces: { from: 'All' } },
    },
  ],
})

const route = own('GatewayRoute', ['shop', 'app'], {
  hostnames: ['app.example'],
  rules: ['deep', 'all'].map((name) => ({
    name,
    matches: [{ path: { type: 'PathPrefix', value: name === 'all' ? '/' : '/deep' } }],
    backendRefs: [{ name: 'app', port: 80 }],
  })),
})

/** The same keys everywhere, and a tenant that gives its callers a role that the platform does not give them. */
const secret = (namespace: string, roles: readonly string[]): Document => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'keys', namespace, labels: { keys: 'all' } },
  type: 'gatehouse.dev/api-keys',
  data: {
    ada: Buffer.from(
      JSON.stringify({ keyHash: `sha256:${createHash('sha256').update('key').digest('hex')}`, roles }),
    ).toString('base64'),
  },
})

const surroundings: readonly Document[] = [
  gatehouse,
  route,
  ...['shop', 'lab'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
  secret(platform, ['user']),
  secret('shop', ['user', 'admin']),
]

/** Where a policy may hold the route, and the namespace that it must lie in. */
const places = [
  { level: 0, namespace: platform, target: { group: 'gatehouse.dev', kind: 'Gatehouse', name: 'edge' } },
  { level: 1, namespace: platform, target: { group: '', kind: 'Namespace', name: 'shop' } },
  { level: 2, namespace: 'shop', target: { group: '', kind: 'Namespace', name: 'shop' } },
  { level: 3, namespace: 'shop', target: { group: 'gatehouse.dev', kind: 'GatewayRoute', name: 'app' } },
  {
    level: 4,
    namespace: 'shop',
    target: { group: 'gatehouse.dev', kind: 'GatewayRoute', name: 'app', sectionName: 'deep' },
  },
] as const

type Place = (typeof places)[number]

const condition = fc.constantFrom<Condition>(
  { attribute: 'Anyone' },
  { attribute: 'Authenticated' },
  { attribute: 'Role', anyOf: ['user'] },
  { attribute: 'Role', anyOf: ['admin'] },
)
type Condition = { readonly attribute: 'Anyone' | 'Authenticated' | 'Role'; readonly anyOf?: readonly string[] }

interface Rule {
  readonly action: 'Deny' | 'Require' | 'Allow'
  readonly principal: readonly [Condition]
}

const rule: fc.Arbitrary<Rule> = fc.record({
  action: fc.constantFrom('Deny', 'Require', 'Allow', 'Allow', 'Allow', 'Allow'),
  principal: condition.map((one) => [one] as const),
})

type Name = 'a' | 'b' | 'public'

interface Bounds {
  readonly providers: 'Own' | 'Any'
  readonly anonymous: 'Forbid' | 'Allow'
  readonly exempt: boolean
}

interface Policy {
  readonly place: Place
  readonly second: number
  readonly providers: readonly Name[]
  readonly use: readonly Name[]
  readonly bounds: Bounds | null
  readonly rules: readonly Rule[]
}

const policy: fc.Arbitrary<Policy> = fc.record({
  place: fc.constantFrom(...places),
  second: fc.nat(3),
  providers: fc.constantFrom<readonly Name[]>([], ['a'], ['b'], ['public'], ['public'], ['a', 'public'], ['a', 'b']),
  use: fc.constantFrom<readonly Name[]>([], [], [], ['a'], ['b', 'public']),
  bounds: fc.option(
    fc.record({
      providers: fc.constantFrom('Own', 'Any'),
      anonymous: fc.constantFrom('Forbid', 'Allow'),
      exempt: fc.boolean(),
    }),
    { freq: 1 },
  ),
  rules: fc.array(rule, { maxLength: 2 }),
})

const providerOf = (name: Name): Document =>
  name === 'public'
    ? { name, anonymous: {} }
    : {
        name,
        asserts: { roles: ['*'] },
        apiKey: { from: [{ header: `x-${name}` }], secretSelector: { matchLabels: { keys: 'all' } } },
      }

const boundsOf = ({ providers, anonymous, exempt }: Bounds): Document => ({
  providers,
  anonymous,
  ...(exempt && anonymous === 'Forbid' ? { exemptions: [{ namespaces: ['shop'], hostnames: ['app.example'] }] } : {}),
})

/** Of a tenant that the model does not know, too. */
type Written = Omit<Policy, 'place'> & { readonly place: { readonly namespace: string; readonly target: Document } }

function documentOf({ place, second, providers, use, bounds, rules }: Written, index: number): Document {
  const authentication = {
    ...(providers.length > 0 ? { anyOf: providers.map(providerOf) } : {}),
    ...(use.length > 0 ? { use } : {}),
    ...(bounds ? { bounds: boundsOf(bounds) } : {}),
  }
  const written = rules.map((one, at) => ({
    name: `rule-${at}`,
    ...one,
    ...(one.action === 'Allow' ? { methods: ['*'] } : {}),
  }))
  const spec = {
    targetRefs: [place.target],
    ...(Object.keys(authentication).length > 0 ? { authentication } : {}),
    ...(written.length > 0 ? { authorization: { rules: written } } : {}),
    sourceIPs: { deny: ['203.0.113.7/32'] },
  }
  return own('AccessPolicy', [place.namespace, `policy-${index}`], spec, second)
}

/** What a caller sends, and to which rule. */
const asked = (['/', '/deep'] as const).flatMap((path) =>
  [[], ['x-a', 'key'], ['x-b', 'key']].map((headers) => ({ path, headers })),
)
type Asked = (typeof asked)[number]

interface Permit {
  readonly asked: Asked
  readonly principal: Principal | null
}

async function permitsOf(documents: readonly Document[]): Promise<readonly Permit[]> {
  const world = worldOf(documents, 'FromMetadata')
  const { resources } = compile(world, { namespace: platform, name: 'edge' }, options)
  const clock = testClock()
  const state = createGatewayState({ clock, random: () => 0.5 })
  const built = buildGateway({ ...snapshotOf(resources), state, clock, previous: null })
  const permits: Permit[] = []
  for (const one of asked) {
    const raw = request(one.path, [], { rawHeaders: ['Host', 'app.example', ...one.headers] })
    const decision = await built.gateway.admit(raw, forgetful)
    if (decision.outcome === 'permit') permits.push({ asked: one, principal: decision.content.principal })
  }
  built.release()
  state.close()
  return permits
}

/** The level of the policy that defines a caller's provider, read from its name alone. */
const levelOf = (principal: Principal, policies: readonly Policy[]): number =>
  policies[Number(/policy-(\d+)\//.exec(principal.providerObject)![1])]!.place.level

function holds({ attribute, anyOf }: Condition, believed: Principal | null, unknown: boolean): boolean {
  if (attribute === 'Anyone') return true
  if (attribute === 'Authenticated') return believed !== null
  return believed === null ? unknown : anyOf!.some((role) => believed.roles.includes(role))
}

/** Why a wider level, or any other, refuses what was let in; nothing when it does not. */
function objections({ asked: { path }, principal }: Permit, policies: readonly Policy[]): readonly string[] {
  const level = principal && levelOf(principal, policies)
  return policies.flatMap(({ place, rules, bounds, providers, use }, index) => {
    if (place.level === 4 && path !== '/deep') return []
    const believed = level !== null && level <= place.level ? principal : null
    const guards = rules.flatMap(({ action, principal: [one] }) => {
      if (action === 'Allow') return []
      const deny = action === 'Deny'
      return holds(one, believed, deny) === deny ? [`${action} of policy-${index}`] : []
    })
    const closed = place.level < 2 && providers.length + use.length > 0
    const own = bounds ? bounds.providers === 'Own' : closed
    const forbidden = bounds ? bounds.anonymous === 'Forbid' && !bounds.exempt : closed
    const beyond = own && level !== null && level > place.level
    // Nobody may be anonymous by a narrower policy's word; one of the same level or a wider one may still say so.
    const may = policies.some((other) => other.place.level <= place.level && other.providers.includes('public'))
    const anonymous = forbidden && principal === null && !may
    return [
      ...guards,
      ...(beyond ? [`provider beyond policy-${index}`] : []),
      ...(anonymous ? [`anonymous beyond policy-${index}`] : []),
    ]
  })
}

const documentsOf = (policies: readonly Policy[]): readonly Document[] => [...surroundings, ...policies.map(documentOf)]

describe('policies of all levels', () => {
  it('let nobody in whom a Deny, a Require or the bounds of any of them refuse', async () => {
    let permitted = 0
    let wide = 0
    await fc.assert(
      fc.asyncProperty(fc.array(policy, { minLength: 1, maxLength: 5 }), async (policies) => {
        for (const permit of await permitsOf(documentsOf(policies))) {
          expect(objections(permit, policies)).toEqual([])
          permitted += 1
          if (policies.some(({ place }) => place.level < 2)) wide += 1
        }
      }),
      { numRuns: 1000 },
    )
    expect(permitted).toBeGreaterThan(500)
    expect(wide).toBeGreaterThan(250)
  })

  it('come to the same in whatever order they are found', () => {
    const shuffled = fc
      .array(policy, { minLength: 2, maxLength: 6 })
      .map(documentsOf)
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray([...all], { minLength: all.length })))
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        const of = (documents: readonly Document[]) =>
          compile(worldOf(documents, 'FromMetadata'), { namespace: platform, name: 'edge' }, options)
        expect(of(structuredClone(other))).toEqual(of(one))
      }),
      { numRuns: 200 },
    )
  })

  it('of one tenant change nothing for another, whatever they target', async () => {
    const foreign = policy.map((one) => ({ ...one, place: { ...one.place, namespace: 'lab' as const } }))
    const broken = own('AccessPolicy', ['lab', 'broken'], { targetRefs: places.map(({ target }) => target), no: true })
    await fc.assert(
      fc.asyncProperty(
        fc.array(policy, { maxLength: 4 }),
        fc.array(foreign, { maxLength: 4 }),
        async (mine, others) => {
          const before = await permitsOf(documentsOf(mine))
          const theirs = others.map((one, index) => documentOf(one, index))
          expect(await permitsOf([...documentsOf(mine), ...theirs, broken])).toEqual(before)
        },
      ),
      { numRuns: 300 },
    )
  })
})
