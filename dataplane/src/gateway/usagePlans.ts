import type { Authenticator } from '../policy/authentication.ts'
import type { Candidate } from './candidate.ts'
import type { EnforcedPlan, RulePlan } from './rulePlan.ts'

/** Rules of a host under the same policies, which a caller is under alike. */
export interface UsagePlan {
  readonly plan: EnforcedPlan
  readonly namespace: string
  /** `namespace/name` of the route, when they are all of one; null = they are not. */
  route: string | null
}

/** Of more different rules of one host nothing is told: what a question costs is not for their authors to choose. */
const most = 32

type Rules = readonly Candidate<RulePlan>[]

const known = new WeakMap<Rules, ReadonlyMap<string, readonly UsagePlan[]>>()

/**
 * What a caller may be under at a host, from the older route to the newer, for those namespaces that may serve it.
 *
 * @param namespaces - null = all
 */
export function usagePlansOf(rules: Rules, namespaces: ReadonlySet<string> | null): readonly UsagePlan[] {
  const byNamespace = known.get(rules) ?? plansOf(rules)
  known.set(rules, byNamespace)
  const plans: UsagePlan[] = []
  for (const [namespace, some] of byNamespace) if (namespaces === null || namespaces.has(namespace)) plans.push(...some)
  return plans.slice(0, most)
}

function plansOf(rules: Rules): ReadonlyMap<string, readonly UsagePlan[]> {
  const found = new Map<string, Map<string, UsagePlan>>()
  for (const { destination } of rules) {
    const { access, namespace, route } = destination
    if (access.type !== 'Enforce') continue
    const plans = found.get(namespace) ?? new Map<string, UsagePlan>()
    found.set(namespace, plans)
    const likeness = likenessOf(access)
    const same = plans.get(likeness)
    if (same === undefined) plans.set(likeness, { plan: access, namespace, route })
    else if (same.route !== route) same.route = null
  }
  return new Map([...found].map(([namespace, plans]) => [namespace, [...plans.values()]]))
}

/** The policies of which anything decides who calls, or counts. */
function likenessOf(plan: EnforcedPlan): string {
  const lists = [
    plan.sources,
    plan.deniedAddresses,
    plan.deniedCallers,
    plan.revocations,
    plan.throttles,
    ...[plan.requestQuotas, plan.principalQuotas].flatMap(({ local, shared }) => [
      local,
      shared.map(({ check }) => check),
    ]),
  ]
  const policies = lists.map((list: readonly { readonly policy: string; readonly level: number }[]) =>
    list.map(({ policy, level }) => [policy, level]),
  )
  return JSON.stringify([numberOf(plan.authenticator), policies])
}

const numbers = new WeakMap<Authenticator, number>()
let last = 0

function numberOf(authenticator: Authenticator): number {
  const number = numbers.get(authenticator) ?? ++last
  numbers.set(authenticator, number)
  return number
}
