import { group, parseSpec, type AccessPolicySpec } from '@gatehouse/crds'
import { objectKey, type World, type WorldObject } from '../world.ts'
import { levels, type Hold } from './holds.ts'
import { memoised } from './memo.ts'
import { parsedPolicy } from './parsed.ts'
import { isMembers, listOf, member } from './raw.ts'
import type { WidePolicies } from './widePolicies.ts'

export type TargetRef = AccessPolicySpec['targetRefs'][number]

/** Which policies speak of which routes of a namespace. */
export interface Targets {
  /** Policies that lie in the namespace and are not wide, in the order of precedence: older, then by name. */
  readonly policies: readonly WorldObject[]
  /** The widest level first, within it in the order of precedence. @param route - `namespace/name` */
  of(route: string): readonly Hold[]
}

/** Reads nothing but the targets: a policy that says only this and is otherwise sound. */
const alone = { authorization: { rules: [{ name: 'any', action: 'Deny' }] } }

/**
 * What an unreadable policy's targets are: its targetRefs when they as such can be read.
 *
 * @returns null when they cannot be read either, so that it may speak of anything that it could target
 */
export const readableTargets = memoised((policy: WorldObject): readonly TargetRef[] | null => {
  const spec = policy.raw['spec']
  if (!isMembers(spec) || listOf(member(spec, 'targetRefs')).length === 0) return null
  const parsed = parseSpec('AccessPolicy', { targetRefs: spec['targetRefs'], ...alone })
  return parsed.ok ? parsed.spec.targetRefs : null
})

/** The targets of a policy, also of one that cannot be read as a whole; null = nobody knows. */
export function targetRefsOf(policy: WorldObject): readonly TargetRef[] | null {
  const parsed = parsedPolicy(policy)
  return parsed.ok ? parsed.spec.targetRefs : readableTargets(policy)
}

export const byPrecedence = (a: WorldObject, b: WorldObject): number =>
  a.meta.created - b.meta.created || (objectKey(a.meta) < objectKey(b.meta) ? -1 : 1)

/** The reference of an ancestor entry for a whole namespace. */
export const namespaceRef = (namespace: string) => ({ group: '', kind: 'Namespace', name: namespace })

/** The reference of an ancestor entry for a target. */
export const targetRefOf = ({ group: of, kind, name, sectionName }: TargetRef) => ({
  group: of,
  kind,
  name,
  ...(sectionName === undefined ? {} : { sectionName }),
})

/** The reference of an ancestor entry for an installation. */
export const gatehouseRef = (name: string) => ({ group, kind: 'Gatehouse', name })

function append(map: Map<string, Hold[]>, key: string, hold: Hold): void {
  const known = map.get(key)
  if (known) known.push(hold)
  else map.set(key, [hold])
}

/** What of a namespace its own policies hold. */
interface OwnHolds {
  readonly everywhere: Hold[]
  readonly byRoute: Map<string, Hold[]>
}

function collect(policy: WorldObject, wide: WidePolicies, { everywhere, byRoute }: OwnHolds): void {
  const { namespace } = policy.meta
  const parsed = parsedPolicy(policy)
  const spec = parsed.ok && wide.fits(policy) ? parsed.spec : null
  const refs = targetRefsOf(policy)
  const onAll = { policy, spec, level: levels.namespace, sectionName: null }
  // A wide one whose targets nobody knows holds everything already.
  if (refs === null && !wide.has(policy)) everywhere.push(onAll)
  for (const { kind, name, sectionName = null } of refs ?? []) {
    if (kind === 'GatewayRoute') {
      const level = sectionName === null ? levels.route : levels.rule
      append(byRoute, `${namespace}/${name}`, { policy, spec, level, sectionName })
    } else if (kind === 'Namespace' && name === namespace && !wide.has(policy)) everywhere.push(onAll)
  }
}

/** @param wide - those of the installation, which hold routes of every namespace */
export function targetsOf(part: World, namespace: string, wide: WidePolicies): Targets {
  const own: OwnHolds = { everywhere: [], byRoute: new Map() }
  const policies = [...part.AccessPolicy.values()].sort(byPrecedence)
  for (const policy of policies) collect(policy, wide, own)
  const onAll = [...wide.holdsOn(namespace), ...own.everywhere]
  const none: readonly Hold[] = []
  return {
    policies: policies.filter((policy) => !wide.has(policy)),
    of(route) {
      const narrow = own.byRoute.get(route) ?? none
      return onAll.length === 0 ? narrow : [...onAll, ...narrow]
    },
  }
}
