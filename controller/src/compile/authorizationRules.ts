import { isRange, type AccessPolicySpec } from '@gatehouse/crds'
import type { AuthorizationRule, PrincipalCondition } from '@gatehouse/contract'
import { celFaults, isFault } from '@gatehouse/language/cel'
import { policyExpression } from '@gatehouse/language/requestFacts'
import { altNameOf } from './altNames.ts'
import { note, type Note } from './findings.ts'
import { memoised } from './memo.ts'
import { isUnderstood } from './pathNames.ts'

type RuleSpec = NonNullable<AccessPolicySpec['authorization']>['rules'][number]
type ConditionSpec = NonNullable<RuleSpec['principal']>[number]

/** What the attribute asks for is there: the strict reading saw to it. */
function conditionOf({ attribute, path, anyOf, allOf, min, subjectAltNames }: ConditionSpec): PrincipalCondition {
  switch (attribute) {
    case 'Authenticated':
    case 'Anyone':
      return { attribute }
    case 'TrustLevel':
      return { attribute, min: min ?? 0 }
    case 'ClientCertificate':
      return { attribute, subjectAltNames: (subjectAltNames ?? []).map(altNameOf) }
    default: {
      const values = allOf ? { allOf } : { anyOf: anyOf ?? [] }
      return attribute === 'Claim' ? { attribute, path: path ?? [], values } : { attribute, values }
    }
  }
}

function exceptionOf({ unless }: RuleSpec): AuthorizationRule['unless'] {
  if (!unless) return null
  return {
    sourceCIDRs: unless.sourceCIDRs ?? null,
    principal: unless.principal?.map(conditionOf) ?? null,
    expression: unless.expression ?? null,
  }
}

/** JSON pointers, within a rule, to the ranges that are none. */
const badRanges = ({ unless }: RuleSpec): readonly string[] =>
  (unless?.sourceCIDRs ?? []).flatMap((range, index) => (isRange(range) ? [] : [`/unless/sourceCIDRs/${index}`]))

/** JSON pointers, within a rule, to the templates that use a name twice. */
const badPaths = ({ paths }: RuleSpec): readonly string[] =>
  (paths ?? []).flatMap((path, index) => (isUnderstood(path) ? [] : [`/paths/${index}`]))

/** What one expression of a rule comes to. */
interface ReadExpression {
  /** JSON pointer, within the rule, and what is wrong there; null = nothing. */
  readonly fault: string | null
  /** Its regular expressions, also of one that is none otherwise. */
  readonly patterns: readonly string[]
}

const expressionsOf = memoised(({ expression, unless }: RuleSpec): readonly ReadExpression[] => [
  ...readAt('/expression', expression),
  ...readAt('/unless/expression', unless?.expression),
])

function readAt(place: string, source: string | undefined): readonly ReadExpression[] {
  if (source === undefined) return []
  const made = policyExpression(source)
  const fault = isFault(made) ? `${place} (${celFaults[made.fault]}, at character ${made.at})` : null
  return [{ fault, patterns: made.patterns }]
}

/** The regular expressions in the expressions of rules. */
export const patternsOf = (rules: readonly RuleSpec[]): readonly string[] =>
  rules.flatMap((rule) => expressionsOf(rule).flatMap(({ patterns }) => patterns))

const badExpressions = (rule: RuleSpec): readonly string[] => expressionsOf(rule).flatMap(({ fault }) => fault ?? [])

/** A rule of which a part cannot be understood stays, broken (M7). */
export const authorizationRule = (rule: RuleSpec): AuthorizationRule => ({
  name: rule.name,
  action: rule.action,
  methods: !rule.methods || rule.methods.includes('*') ? null : rule.methods,
  paths: rule.paths ?? null,
  principal: (rule.principal ?? []).map(conditionOf),
  expression: rule.expression ?? null,
  unless: exceptionOf(rule),
  broken: [badRanges, badPaths, badExpressions].some((bad) => bad(rule).length > 0),
})

/** What is wrong with the rules of a policy. */
export function faultsOf(rules: readonly RuleSpec[]): readonly Note[] {
  const at = (index: number): string => `/spec/authorization/rules/${index}`
  const among = (bad: (rule: RuleSpec) => readonly string[]): readonly string[] =>
    rules.flatMap((rule, index) => bad(rule).map((place) => at(index) + place))
  const ranges = among(badRanges)
  const paths = among(badPaths)
  const expressions = among(badExpressions)
  return [
    ...(ranges.length > 0 ? [note('PartiallyInvalid', 'InvalidSourceRange', ...ranges)] : []),
    ...(paths.length > 0 ? [note('PartiallyInvalid', 'InvalidPath', ...paths)] : []),
    ...(expressions.length > 0 ? [note('PartiallyInvalid', 'InvalidExpression', ...expressions)] : []),
  ]
}
