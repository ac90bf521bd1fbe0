import type { AccessPolicySpec, GatewayRouteSpec } from '@gatehouse/crds'
import type { Access } from '@gatehouse/contract'
import { objectKey, type WorldObject } from '../world.ts'
import { accessOf, type AccessScope, type RouteAccess } from './access.ts'
import type { Note } from './findings.ts'
import { sameJson } from './memo.ts'
import { member } from './raw.ts'
import { holdKey, type Hold } from './holds.ts'

/** Who decides over the rules of a route, and who would if everything in Shadow were enforced (M9). */
export interface TriedAccess extends RouteAccess {
  /** One for each rule, in order; null = nothing in Shadow concerns it. */
  readonly shadow: readonly (Access | null)[]
}

/**
 * Whether a policy is only tried. Read from its raw text, so that one that is otherwise broken refuses nothing when it
 * was never to decide anything.
 */
export const isShadow = ({ raw }: WorldObject): boolean => member(raw['spec'], 'mode') === 'Shadow'

/** Whether some rule or quota of a policy is only tried. */
export const triesParts = ({ authorization, quotas }: AccessPolicySpec): boolean =>
  [...(authorization?.rules ?? []), ...(quotas ?? [])].some(({ mode }) => mode === 'Shadow')

/** What there would be to say about Shadow policies once they were enforced. */
function shadowRemarks(holds: readonly Hold[], whole: RouteAccess): (readonly [string, readonly Note[]])[] {
  const keys = holds.filter(({ policy }) => isShadow(policy)).map(holdKey)
  return keys.flatMap((key) => {
    const said = whole.remarks.get(key)
    return said ? [[key, said] as const] : []
  })
}

/** Merges the policies of a route twice: without everything that is in Shadow, and with it as if it were enforced (M9). */
export function triedAccess(rules: GatewayRouteSpec['rules'], holds: readonly Hold[], scope: AccessScope): TriedAccess {
  const inForce = holds.filter(({ policy }) => !isShadow(policy))
  const enforced = accessOf(rules, inForce, scope)
  const trying = new Set(
    holds.filter(({ spec }) => spec && triesParts(spec)).map(({ policy }) => objectKey(policy.meta)),
  )
  if (inForce.length === holds.length && trying.size === 0) return { ...enforced, shadow: rules.map(() => null) }
  const whole = accessOf(rules, holds, scope)
  const differs = (one: Access, index: number): boolean =>
    !sameJson(one, enforced.access[index]) ||
    (one.type === 'Enforce' && one.policies.some(({ policy }) => trying.has(policy)))
  return {
    ...enforced,
    shadow: whole.access.map((one, index) => (differs(one, index) ? one : null)),
    remarks: new Map([...enforced.remarks, ...shadowRemarks(holds, whole)]),
  }
}
