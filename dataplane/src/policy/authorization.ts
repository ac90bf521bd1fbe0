import type { AuthorizationRule } from '@gatehouse/contract'
import { believed } from './attributes.ts'
import { allHold } from './conditions.ts'
import { looseReading, methodMatches, pathMatches, pathTest, type PathTest } from './paths.ts'
import type { Principal } from './principal.ts'

/** A rule of a policy at the level at which it applies. */
export interface PlacedRule {
  readonly action: AuthorizationRule['action']
  readonly name: string
  /** `namespace/name`. */
  readonly policy: string
  readonly level: number
  readonly methods: readonly string[] | null
  readonly paths: readonly PathTest[] | null
  readonly principal: AuthorizationRule['principal']
  readonly broken: boolean
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
  readonly rules: readonly AuthorizationRule[]
}

/**
 * Flattens the rules in force (M4).
 *
 * @param policies - all whose Deny and Require rules must pass
 * @param allow - the one whose Allow rules decide
 */
export function compileAuthorization(policies: readonly PlacedPolicy[], allow: PlacedPolicy): Authorization {
  const guards = policies.flatMap((policy) => placed(policy)).filter(({ action }) => action !== 'Allow')
  return {
    guards: guards.filter(({ broken }) => !broken),
    broken: guards.filter(({ broken }) => broken),
    allows: placed(allow).filter(({ action, broken }) => action === 'Allow' && !broken),
    decider: { policy: allow.policy, level: allow.level },
  }
}

function placed({ policy, level, rules }: PlacedPolicy): PlacedRule[] {
  return rules.map(({ action, name, methods, paths, principal, broken }) => ({
    action,
    name,
    policy,
    level,
    methods,
    paths: paths === null ? null : paths.flatMap((path) => tests(action, path)),
    principal,
    broken,
  }))
}

/** What is refused is refused however a backend may write the same path; what is permitted is permitted as written. */
function tests(action: AuthorizationRule['action'], path: Parameters<typeof pathTest>[0]): PathTest[] {
  const loose = looseReading(path.value)
  if (action === 'Allow' || loose === path.value) return [pathTest(path)]
  return [pathTest(path), pathTest({ type: path.type, value: loose })]
}

/** What of a request a rule looks at. */
export interface Asked {
  readonly method: string
  readonly path: string
  /** {@link looseReading} of the path. */
  readonly loosePath: string
}

function concerns(rule: PlacedRule, { method, path, loosePath }: Asked): boolean {
  if (!methodMatches(rule.methods, method)) return false
  if (rule.paths === null) return true
  for (const test of rule.paths) {
    if (pathMatches(test, path)) return true
    if (rule.action !== 'Allow' && loosePath !== path && pathMatches(test, loosePath)) return true
  }
  return false
}

/** The broken guard that a request meets, or null. */
export function brokenGuard({ broken }: Authorization, asked: Asked): PlacedRule | null {
  for (const rule of broken) if (concerns(rule, asked)) return rule
  return null
}

/** @returns the Allow that permits, the Deny or Require that refuses, or null when no Allow matches */
export function authorize(
  { guards, allows }: Authorization,
  asked: Asked,
  principal: Principal | null,
): PlacedRule | null {
  for (const rule of guards) {
    if (!concerns(rule, asked)) continue
    const deny = rule.action === 'Deny'
    if (allHold(rule.principal, believed(principal, rule.level), deny) === deny) return rule
  }
  for (const rule of allows) {
    if (concerns(rule, asked) && allHold(rule.principal, believed(principal, rule.level), false)) return rule
  }
  return null
}
