import type { AuthorizationRule } from '@gatehouse/contract'
import { parseRange, type AddressRange } from '../address.ts'
import { readyConditions, type ReadyCondition } from './conditions.ts'
import { otherReadings, pathTest, type PathTest } from './paths.ts'
import { ruleExpression, type RuleExpression } from './ruleExpression.ts'
import type { HeaderRules } from '../forward/headerRules.ts'

/** What takes a request out of a Deny, made ready; null = not looked at. */
export interface Exception {
  readonly ranges: readonly AddressRange[] | null
  readonly principal: readonly ReadyCondition[] | null
  readonly expression: RuleExpression | null
}

/** A rule of a policy, made ready; the same wherever the policy applies. */
export interface ReadyRule {
  readonly action: AuthorizationRule['action']
  readonly name: string
  readonly methods: readonly string[] | null
  readonly paths: readonly PathTest[] | null
  readonly principal: readonly ReadyCondition[]
  readonly expression: RuleExpression | null
  readonly unless: Exception | null
  /** Also when a part of it cannot be made ready (M7). */
  readonly broken: boolean
}

/** Made once for each version of a policy, never for a request. @param headerRules - those of the installation */
export function readyRule(rule: AuthorizationRule, headerRules: HeaderRules): ReadyRule {
  const { action, name, methods, principal } = rule
  const paths = rule.paths === null ? null : rule.paths.flatMap((path) => tests(action, path))
  const expression = rule.expression === null ? null : ruleExpression(rule.expression, paths, headerRules)
  const unless = rule.unless === null ? null : exception(rule.unless, paths, headerRules)
  const unsound =
    unless === 'broken' ||
    (expression === null && rule.expression !== null) ||
    paths?.some(({ template }) => template?.sound === false) === true
  return {
    action,
    name,
    methods,
    paths,
    principal: readyConditions(principal),
    expression,
    unless: unless === 'broken' ? null : unless,
    broken: rule.broken || unsound,
  }
}

function exception(
  { sourceCIDRs, principal, expression }: NonNullable<AuthorizationRule['unless']>,
  paths: readonly PathTest[] | null,
  headerRules: HeaderRules,
): Exception | 'broken' {
  const ranges = sourceCIDRs === null ? null : readRanges(sourceCIDRs)
  const ready = expression === null ? null : ruleExpression(expression, paths, headerRules)
  if ((ranges === null && sourceCIDRs !== null) || (ready === null && expression !== null)) return 'broken'
  return { ranges, principal: principal === null ? null : readyConditions(principal), expression: ready }
}

/** @returns null when one of them cannot be read */
export function readRanges(texts: readonly string[]): readonly AddressRange[] | null {
  const ranges: AddressRange[] = []
  for (const text of texts) {
    const range = parseRange(text)
    if (range === null) return null
    ranges.push(range)
  }
  return ranges
}

/** What is refused is refused however a backend may write the same path; what is permitted is permitted as written. */
function tests(action: AuthorizationRule['action'], path: Parameters<typeof pathTest>[0]): PathTest[] {
  const others = action === 'Allow' ? [] : otherReadings(path.value)
  return [path.value, ...others].map((value) => pathTest({ type: path.type, value }))
}
