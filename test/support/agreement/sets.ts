import fc from 'fast-check'

/** Random sets of policies over one route with two rules, and requests to it, small enough that all of it meets. */

export const roles = ['reader', 'writer'] as const
export const tenants = ['acme', 'globex'] as const

/** How wide: the contract's `level`. */
export type Level = 0 | 1 | 2 | 3 | 4

export type Condition =
  | { readonly attribute: 'Role' | 'Scope' | 'Tenant'; readonly anyOf: readonly string[] }
  | { readonly attribute: 'Role' | 'Scope'; readonly allOf: readonly string[] }
  | { readonly attribute: 'Claim'; readonly path: readonly string[]; readonly anyOf: readonly string[] }
  | { readonly attribute: 'Authenticated' }
  | { readonly attribute: 'Anyone' }

export interface Unless {
  readonly sourceCIDRs?: readonly string[]
  readonly principal?: readonly Condition[]
}

export interface RuleShape {
  readonly name: string
  readonly action: 'Deny' | 'Require' | 'Allow'
  readonly methods?: readonly string[]
  readonly paths?: readonly { readonly type: 'Exact' | 'PathPrefix'; readonly value: string }[]
  readonly principal?: readonly Condition[]
  readonly unless?: Unless
  readonly mode?: 'Shadow'
}

export type ProviderKind = 'jwt' | 'apiKey' | 'anonymous'

export interface ProviderShape {
  readonly kind: ProviderKind
  readonly roles: readonly string[]
  readonly tenants: readonly string[]
}

export interface PolicyShape {
  readonly name: string
  readonly level: Level
  /** Of level 4: the rule. */
  readonly section: 'a' | 'rest'
  readonly age: number
  readonly shadow: boolean
  readonly providers: readonly ProviderShape[]
  readonly rules: readonly RuleShape[]
  readonly sourceIPs: { readonly allow: readonly string[]; readonly deny: readonly string[] } | null
}

export type PolicySet = readonly PolicyShape[]

const values = (...all: readonly string[]) => fc.subarray([...all], { minLength: 1 })

const condition: fc.Arbitrary<Condition> = fc.oneof(
  values(...roles).map((anyOf) => ({ attribute: 'Role' as const, anyOf })),
  values(...roles).map((allOf) => ({ attribute: 'Role' as const, allOf })),
  values('read', 'write').map((allOf) => ({ attribute: 'Scope' as const, allOf })),
  values(...tenants).map((anyOf) => ({ attribute: 'Tenant' as const, anyOf })),
  values('red', 'blue').map((anyOf) => ({ attribute: 'Claim' as const, path: ['team'], anyOf })),
  fc.constantFrom({ attribute: 'Authenticated' as const }, { attribute: 'Anyone' as const }),
)

const conditions = fc.array(condition, { minLength: 1, maxLength: 2 })
const near = fc.constantFrom('127.0.0.0/8', '10.0.0.0/8')
const methods = fc.subarray(['GET', 'POST', 'DELETE'], { minLength: 1 })
const paths = fc.array(
  fc.record({
    type: fc.constantFrom('Exact' as const, 'PathPrefix' as const),
    value: fc.constantFrom('/a', '/a/b', '/c', '/'),
  }),
  { minLength: 1, maxLength: 2 },
)

const unless: fc.Arbitrary<Unless> = fc.oneof(
  near.map((one) => ({ sourceCIDRs: [one] })),
  conditions.map((principal) => ({ principal })),
  fc.record({ sourceCIDRs: near.map((one) => [one]), principal: conditions }),
)

const sometimes = <T>(arbitrary: fc.Arbitrary<T>, without = 2): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: without, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

/** Without the members that are undefined. */
const compact = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T

const shadowed = sometimes(fc.constant('Shadow' as const), 3)

const guard = fc
  .record({
    action: fc.constantFrom('Deny' as const, 'Require' as const),
    methods: sometimes(methods),
    paths: sometimes(paths),
    principal: sometimes(conditions, 1),
    unless: sometimes(unless),
    mode: shadowed,
  })
  .map((rule) =>
    rule.action === 'Deny'
      ? rule
      : { ...rule, unless: undefined, principal: rule.principal ?? [{ attribute: 'Authenticated' as const }] },
  )

const allow = fc.record({
  action: fc.constant('Allow' as const),
  methods: fc.oneof(methods, fc.constant(['*'])),
  paths: sometimes(paths, 5),
  principal: conditions,
})

const rules = fc
  .array(fc.oneof({ weight: 2, arbitrary: guard }, { weight: 3, arbitrary: allow }), { maxLength: 4 })
  .map((all) => all.map((rule, index): RuleShape => compact({ name: `rule-${index}`, ...rule } as RuleShape)))

const providers = fc.subarray<ProviderKind>(['jwt', 'apiKey', 'anonymous'], { minLength: 1 }).chain((kinds) =>
  fc.tuple(
    ...kinds.map((kind) =>
      fc.record({
        kind: fc.constant(kind),
        roles: fc.constantFrom(['*'], ['reader'], []),
        tenants: fc.constantFrom(['*'], ['acme'], []),
      }),
    ),
  ),
)

const sources = fc.constantFrom(
  { allow: ['127.0.0.0/8'], deny: [] },
  { allow: ['10.0.0.0/8', '127.0.0.0/8'], deny: [] },
  { allow: ['127.0.0.0/8'], deny: ['10.1.0.0/16'] },
  { allow: ['10.0.0.0/8'], deny: [] },
  { allow: [], deny: ['127.0.0.1/32'] },
)

const policy = (levels: readonly Level[]) =>
  fc.record({
    level: fc.constantFrom(...levels),
    section: fc.constantFrom('a' as const, 'rest' as const),
    age: fc.nat(2),
    shadow: fc.constantFrom(false, false, true),
    providers: fc.oneof({ weight: 2, arbitrary: providers }, { weight: 1, arbitrary: fc.constant([]) }),
    rules,
    sourceIPs: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: sources }),
  })

const saysSomething = ({ providers: all, rules: own, sourceIPs }: Omit<PolicyShape, 'name'>): boolean =>
  all.length + own.length > 0 || sourceIPs !== null

type Unnamed = Omit<PolicyShape, 'name'>

const everything = ['*']
const whole = (kind: ProviderKind): ProviderShape => ({ kind, roles: everything, tenants: everything })

/** Lets most callers in, so that what stands beside it has something to refuse. */
const generous: fc.Arbitrary<Unnamed> = fc
  .record({ anonymous: fc.boolean(), attribute: fc.constantFrom('Authenticated' as const, 'Anyone' as const) })
  .map(({ anonymous, attribute }) => ({
    level: 3,
    section: 'a',
    age: 0,
    shadow: false,
    providers: [whole('jwt'), whole('apiKey'), ...(anonymous ? [whole('anonymous')] : [])],
    rules: [{ name: 'rule-0', action: 'Allow', methods: everything, principal: [{ attribute }] }],
    sourceIPs: null,
  }))

/** @param levels - at which policies may stand */
export const policySets = (levels: readonly Level[]): fc.Arbitrary<PolicySet> =>
  fc
    .tuple(
      fc.oneof({ weight: 2, arbitrary: generous.map((one) => [one]) }, { weight: 1, arbitrary: fc.constant([]) }),
      fc.array(policy(levels), { minLength: 1, maxLength: 4 }),
    )
    .map(([first, others]) => [...first, ...others])
    .map((all) => all.filter(saysSomething).map((one, index): PolicyShape => ({ ...one, name: `p${index}` })))

/** What a caller shows. */
export type Shown =
  | { readonly type: 'nothing' }
  | {
      readonly type: 'token'
      readonly roles: readonly string[]
      readonly tenant: string | null
      readonly scopes: readonly string[]
      readonly team: string | null
      readonly sound: boolean
    }
  | { readonly type: 'key'; readonly client: 'acme-client' | 'globex-client' | 'unknown' }
  | { readonly type: 'both' }

export interface RequestShape {
  readonly method: string
  readonly path: string
  readonly shown: Shown
}

const token = fc.record({
  type: fc.constant('token' as const),
  roles: fc.subarray([...roles]),
  tenant: fc.constantFrom(...tenants, null),
  scopes: fc.subarray(['read', 'write']),
  team: fc.constantFrom('red', 'blue', null),
  sound: fc.boolean().chain((sound) => (sound ? fc.constant(true) : fc.boolean())),
})

export const requests: fc.Arbitrary<RequestShape> = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE'),
  path: fc.constantFrom('/a', '/a/b', '/ab', '/c', '/c/d', '/'),
  shown: fc.oneof(
    { weight: 2, arbitrary: fc.constant<Shown>({ type: 'nothing' }) },
    { weight: 5, arbitrary: token as fc.Arbitrary<Shown> },
    {
      weight: 3,
      arbitrary: fc
        .constantFrom('acme-client', 'globex-client', 'unknown')
        .map((client) => ({ type: 'key', client }) as Shown),
    },
    { weight: 1, arbitrary: fc.constant<Shown>({ type: 'both' }) },
  ),
})

const enforced = ({ mode, ...rule }: RuleShape): RuleShape => (mode === undefined ? { ...rule } : rule)

/** The same set with everything that is in Shadow enforced. */
export const promoted = (set: PolicySet): PolicySet =>
  set.map((one) => ({ ...one, shadow: false, rules: one.rules.map(enforced) }))
