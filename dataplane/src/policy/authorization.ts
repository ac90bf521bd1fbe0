import { namesClash, type PathTemplate } from '@gatehouse/language/template'
import { inAnyRange, parseAddress } from '../address.ts'
import type { ClientCertificate } from '../gateway/facts.ts'
import { believed } from './attributes.ts'
import { allHold, type Caller } from './conditions.ts'
import { methodMatches, pathMatches } from './paths.ts'
import type { Principal } from './principal.ts'
import type { Exception, ReadyRule } from './readyRule.ts'
import { expressionHolds, type Readings, type RuleExpression } from './ruleExpression.ts'

/** A rule of a policy at the level at which it applies. */
export interface PlacedRule extends ReadyRule {
  /** `namespace/name`. */
  readonly policy: string
  readonly level: number
}

/** Every Deny and Require in force and the Allow rules that decide, as flat lists. */
export interface Authorization {
  readonly guards: readonly PlacedRule[]
  /** Broken Deny and Require rules: what they match is refused as a fault of configuration (M7). */
  readonly broken: readonly PlacedRule[]
  /** In the order written; a broken one never matches and is left out. */
  readonly allows: readonly PlacedRule[]
  /** The policy whose Allow rules these are: it decides where none of them matches. */
  readonly decider: { readonly policy: string; readonly level: number }
}

/** A policy's rules where they apply. */
export interface PlacedPolicy {
  readonly policy: string
  readonly level: number
  readonly rules: readonly ReadyRule[]
}

/**
 * Flattens the rules in force (M4).
 *
 * @param policies - all whose Deny and Require rules must pass
 * @param allow - the one whose Allow rules decide
 * @param templates - of the route's rule: a rule that means another element by one of their names is broken
 */
export function compileAuthorization(
  policies: readonly PlacedPolicy[],
  allow: PlacedPolicy,
  templates: readonly PathTemplate[] = [],
): Authorization {
  const placed = ({ policy, level, rules }: PlacedPolicy): PlacedRule[] =>
    rules.map((rule) => ({ ...rule, policy, level, broken: rule.broken || clashes(rule, templates) }))
  const guards = policies.flatMap((policy) => placed(policy)).filter(({ action }) => action !== 'Allow')
  return {
    guards: guards.filter(({ broken }) => !broken),
    broken: guards.filter(({ broken }) => broken),
    allows: placed(allow).filter(({ action, broken }) => action === 'Allow' && !broken),
    decider: { policy: allow.policy, level: allow.level },
  }
}

const clashes = ({ paths }: ReadyRule, templates: readonly PathTemplate[]): boolean =>
  paths !== null &&
  templates.some((one) => paths.some(({ template }) => template !== null && namesClash(one, template)))

/** What of a request a rule looks at. */
export interface Asked extends Readings {
  readonly clientAddress: string | null
  /** Of the connection; verified. */
  readonly certificate: ClientCertificate | null
}

function concerns(rule: PlacedRule, { method, path, otherPaths }: Asked): boolean {
  if (!methodMatches(rule.methods, method)) return false
  if (rule.paths === null) return true
  for (const test of rule.paths) {
    if (pathMatches(test, path)) return true
    if (rule.action === 'Allow') continue
    for (const other of otherPaths) if (pathMatches(test, other)) return true
  }
  return false
}

/** The broken guard that a request meets, or null. */
export function brokenGuard({ broken }: Authorization, asked: Asked): PlacedRule | null {
  for (const rule of broken) if (concerns(rule, asked)) return rule
  return null
}

/** Who calls, as far as a rule believes it (M5). */
const callerFor = (rule: PlacedRule, asked: Asked, principal: Principal | null): Caller => ({
  principal: believed(principal, rule.level),
  certificate: asked.certificate,
})

/** @returns the Allow that permits, the Deny or Require that refuses, or null when no Allow matches */
export function authorize(
  { guards, allows }: Authorization,
  asked: Asked,
  principal: Principal | null,
): PlacedRule | null {
  for (const rule of guards) {
    if (concerns(rule, asked) && refuses(rule, asked, callerFor(rule, asked, principal))) return rule
  }
  for (const rule of allows) {
    if (concerns(rule, asked) && admits(rule, asked, callerFor(rule, asked, principal))) return rule
  }
  return null
}

/** Whether a Deny holds, but for its exception, or a Require does not. */
function refuses(rule: PlacedRule, asked: Asked, caller: Caller): boolean {
  if (rule.action === 'Require') return !admits(rule, asked, caller)
  if (!allHold(rule.principal, caller, true) || !expressed(rule.expression, asked, caller, true)) return false
  return !(rule.unless !== null && excepts(rule.unless, asked, caller))
}

/** Whether all that a Require or an Allow asks for holds. */
const admits = (rule: PlacedRule, asked: Asked, caller: Caller): boolean =>
  allHold(rule.principal, caller, false) && expressed(rule.expression, asked, caller, false)

const expressed = (expression: RuleExpression | null, asked: Asked, caller: Caller, refuses: boolean): boolean =>
  expression === null || expressionHolds(expression, asked, caller, refuses)

/** All that is written must hold, and what is lacking does not (M4). */
function excepts({ ranges, principal, expression }: Exception, asked: Asked, caller: Caller): boolean {
  if (ranges !== null) {
    const address = asked.clientAddress === null ? null : parseAddress(asked.clientAddress)
    if (address === null || !inAnyRange(address, ranges)) return false
  }
  return (principal === null || allHold(principal, caller, false)) && expressed(expression, asked, caller, false)
}

/**
 * The trust level with which the same caller would have been let in (RFC 9470): what keeps it out is this condition and
 * no other.
 *
 * @param decided - what {@link authorize} came to: a Require that refuses, or null
 * @returns null when a better authentication would not help
 */
export function wantedTrust(
  { allows }: Authorization,
  decided: PlacedRule | null,
  asked: Asked,
  principal: Principal,
): number | null {
  const raised = { ...principal, trustLevel: Number.POSITIVE_INFINITY }
  const candidates = decided === null ? allows : decided.action === 'Require' ? [decided] : []
  let lowest: number | null = null
  for (const rule of candidates) {
    const min = demandedTrust(rule)
    if (min === null || !concerns(rule, asked) || !admits(rule, asked, callerFor(rule, asked, raised))) continue
    if (lowest === null || min < lowest) lowest = min
  }
  return lowest
}

function demandedTrust({ principal }: PlacedRule): number | null {
  let highest: number | null = null
  for (const condition of principal) {
    if (condition.attribute === 'TrustLevel' && (highest === null || condition.min > highest)) highest = condition.min
  }
  return highest
}

/** What a rule came to for one request. */
export interface WalkedRule {
  readonly rule: PlacedRule
  readonly outcome: 'passed' | 'refused' | 'permitted' | 'not-concerned' | 'not-held' | 'not-reached'
}

/** Every rule that {@link authorize} looks at, in its order, and what it comes to; for people, not for each request. */
export function walkRules(
  { guards, allows }: Authorization,
  asked: Asked,
  principal: Principal | null,
): readonly WalkedRule[] {
  let decided = false
  return [...guards, ...allows].map((rule): WalkedRule => {
    if (decided) return { rule, outcome: 'not-reached' }
    const outcome = outcomeOf(rule, asked, callerFor(rule, asked, principal))
    decided = outcome === 'refused' || outcome === 'permitted'
    return { rule, outcome }
  })
}

function outcomeOf(rule: PlacedRule, asked: Asked, caller: Caller): WalkedRule['outcome'] {
  if (!concerns(rule, asked)) return 'not-concerned'
  if (rule.action !== 'Allow') return refuses(rule, asked, caller) ? 'refused' : 'passed'
  return admits(rule, asked, caller) ? 'permitted' : 'not-held'
}
