import fc from 'fast-check'
import { expressions } from './expressions.ts'
import { roles, teams, tenants, type Condition, type PathShape, type RuleShape, type Unless } from './shapes.ts'

/** Random authorization rules. */

const values = (...all: readonly string[]) => fc.subarray([...all], { minLength: 1 })

const names = (...all: readonly string[]) =>
  values(...all).map((some) => some.map((name) => ({ type: 'URI' as const, pattern: `spiffe://mesh/${name}` })))

const condition: fc.Arbitrary<Condition> = fc.oneof(
  values(...roles).map((anyOf) => ({ attribute: 'Role' as const, anyOf })),
  values(...roles).map((allOf) => ({ attribute: 'Role' as const, allOf })),
  values('read', 'write').map((allOf) => ({ attribute: 'Scope' as const, allOf })),
  values(...tenants).map((anyOf) => ({ attribute: 'Tenant' as const, anyOf })),
  values(...teams).map((anyOf) => ({ attribute: 'Claim' as const, path: ['team'], anyOf })),
  names('web', 'stranger').map((subjectAltNames) => ({ attribute: 'ClientCertificate' as const, subjectAltNames })),
  fc.constantFrom({ attribute: 'Authenticated' as const }, { attribute: 'Anyone' as const }),
)

const conditions = fc.array(condition, { minLength: 1, maxLength: 2 })
const near = fc.constantFrom('127.0.0.0/8', '10.0.0.0/8')
const methods = fc.subarray(['GET', 'POST', 'DELETE'], { minLength: 1 })

const path: fc.Arbitrary<PathShape> = fc.oneof(
  fc.record({
    type: fc.constantFrom('Exact' as const, 'PathPrefix' as const),
    value: fc.constantFrom('/a', '/a/b', '/c', '/t', '/'),
  }),
  // Names of their own: one that means another element than the route's would break the rule.
  fc
    .constantFrom('/t/{tenant}/{id}', '/t/{owner}/{id}', '/c/{item}', '/a/{item}')
    .map((value) => ({ type: 'Template' as const, value })),
)
const paths = fc.array(path, { minLength: 1, maxLength: 2 })

const sometimes = <T>(arbitrary: fc.Arbitrary<T>, without = 2): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: without, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

const unless: fc.Arbitrary<Unless> = fc
  .record(
    { sourceCIDRs: near.map((range) => [range]), principal: conditions, expression: expressions },
    { requiredKeys: [] },
  )
  .filter((one) => Object.keys(one).length > 0)

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
    expression: sometimes(expressions, 1),
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
  expression: sometimes(expressions, 3),
})

export const rules = fc
  .array(fc.oneof({ weight: 2, arbitrary: guard }, { weight: 3, arbitrary: allow }), { maxLength: 4 })
  .map((all) => all.map((rule, index): RuleShape => compact({ name: `rule-${index}`, ...rule } as RuleShape)))
