import fc from 'fast-check'
import { rules } from './rules.ts'
import {
  providerKinds,
  providerName,
  sections,
  type BoundsShape,
  type Level,
  type PolicySet,
  type PolicyShape,
  type ProviderKind,
  type ProviderShape,
  type RuleShape,
} from './shapes.ts'

/** Random sets of policies over one route, small enough that all of it meets. */

const sometimes = <T>(arbitrary: fc.Arbitrary<T>, without: number): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: without, arbitrary: fc.constant(null) }, { weight: 1, arbitrary })

const providers = fc.subarray<ProviderKind>([...providerKinds], { minLength: 1, maxLength: 4 }).chain((kinds) =>
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
  { allow: [], deny: ['203.0.113.0/24'] },
)

const bounds: fc.Arbitrary<BoundsShape> = fc.record({
  providers: fc.constantFrom('Own' as const, 'Any' as const, 'Any' as const),
  anonymous: fc.constantFrom('Forbid' as const, 'Allow' as const, 'Allow' as const),
  exempt: fc.constantFrom(null, 'Route' as const, 'Elsewhere' as const),
})

/** Chosen by number, since the names are only known once the whole set is. */
const picks = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(fc.nat(40), { minLength: 1, maxLength: 2 }) },
)

type Unnamed = Omit<PolicyShape, 'name' | 'use'> & { readonly picks: readonly number[] }

const policy = (levels: readonly Level[]): fc.Arbitrary<Unnamed> =>
  fc.record({
    level: fc.constantFrom(...levels),
    section: fc.constantFrom(...sections),
    age: fc.nat(2),
    shadow: fc.constantFrom(false, false, true),
    providers: fc.oneof({ weight: 2, arbitrary: providers }, { weight: 1, arbitrary: fc.constant([]) }),
    picks,
    bounds: sometimes(bounds, 1),
    rules,
    sourceIPs: sometimes(sources, 9),
  })

const saysSomething = ({ providers: all, rules: own, sourceIPs, bounds: limits, picks: used }: Unnamed): boolean =>
  all.length + own.length + used.length > 0 || sourceIPs !== null || limits !== null

const everything = ['*']
const whole = (kind: ProviderKind): ProviderShape => ({ kind, roles: everything, tenants: everything })

/** Lets most callers in, so that what stands beside it has something to refuse; also from above, with room below. */
const generous: fc.Arbitrary<Unnamed> = fc
  .record({
    anonymous: fc.boolean(),
    attribute: fc.constantFrom('Authenticated' as const, 'Anyone' as const),
    level: fc.constantFrom<Level>(0, 3, 3),
  })
  .map(({ anonymous, attribute, level }) => ({
    level,
    section: 'a',
    age: 0,
    shadow: false,
    providers: providerKinds.filter((kind) => anonymous || kind !== 'anonymous').map(whole),
    picks: [],
    bounds: level === 0 ? { providers: 'Any', anonymous: 'Allow', exempt: null } : null,
    rules: [{ name: 'rule-0', action: 'Allow', methods: everything, principal: [{ attribute }] }],
    sourceIPs: null,
  }))

/** Names, and which providers of others each uses: mostly of wider ones, sometimes of nobody. */
function named(all: readonly Unnamed[]): PolicySet {
  const policies = all.map((one, index) => ({ ...one, name: `p${index}` }))
  return policies.map(({ picks: chosen, ...one }) => {
    const wider = policies.filter(({ level }) => level < one.level)
    const names = wider.flatMap((other) => other.providers.map(({ kind }) => providerName(other, kind)))
    const use = chosen.map((number) => (number === 40 ? 'nobody' : (names[number % names.length] ?? 'nobody')))
    return { ...one, use: names.length === 0 && !chosen.includes(40) ? [] : [...new Set(use)] }
  })
}

const isWhole = ({ providers: all, rules: own, use, sourceIPs, bounds: limits }: PolicyShape): boolean =>
  all.length + own.length + use.length > 0 || sourceIPs !== null || limits !== null

/** @param levels - at which policies may stand */
export const policySets = (levels: readonly Level[]): fc.Arbitrary<PolicySet> =>
  fc
    .tuple(
      fc.oneof({ weight: 2, arbitrary: generous.map((one) => [one]) }, { weight: 1, arbitrary: fc.constant([]) }),
      fc.array(policy(levels), { minLength: 1, maxLength: 4 }),
    )
    .map(([first, others]) => named([...first, ...others].filter(saysSomething)).filter(isWhole))

const enforced = ({ mode, ...rule }: RuleShape): RuleShape => (mode === undefined ? { ...rule } : rule)

/** The same set with everything that is in Shadow enforced. */
export const promoted = (set: PolicySet): PolicySet =>
  set.map((one) => ({ ...one, shadow: false, rules: one.rules.map(enforced) }))
