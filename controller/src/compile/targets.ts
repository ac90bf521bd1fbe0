import { group, parseSpec, type AccessPolicySpec } from '@gatehouse/crds'
import { objectKey, type World, type WorldObject } from '../world.ts'
import { memoised } from './memo.ts'
import { parsedPolicy } from './parsed.ts'
import { isMembers, listOf, member } from './raw.ts'

type TargetRef = AccessPolicySpec['targetRefs'][number]

/** A policy's hold on a route. */
export interface Hold {
  readonly policy: WorldObject
  /** null when the policy cannot be read: it is there, and broken (M7). */
  readonly spec: AccessPolicySpec | null
  /** The rule; null = all of the route. */
  readonly sectionName: string | null
}

/** Which policies speak of which routes, in the order of precedence: older, then by namespace and name. */
export interface Targets {
  /** All policies, in the order of precedence. */
  readonly policies: readonly WorldObject[]
  /** @param route - `namespace/name` */
  of(route: string): readonly Hold[]
}

/** Reads nothing but the targets: a policy that says only this and is otherwise sound. */
const alone = { authorization: { rules: [{ name: 'any', action: 'Deny' }] } }

/**
 * What an unreadable policy's targets are: its targetRefs when they as such can be read.
 *
 * @returns null when they cannot be read either, so that it may speak of any route of its namespace
 */
export const readableTargets = memoised((policy: WorldObject): readonly TargetRef[] | null => {
  const spec = policy.raw['spec']
  if (!isMembers(spec) || listOf(member(spec, 'targetRefs')).length === 0) return null
  const parsed = parseSpec('AccessPolicy', { targetRefs: spec['targetRefs'], ...alone })
  return parsed.ok ? parsed.spec.targetRefs : null
})

const byPrecedence = (a: WorldObject, b: WorldObject): number =>
  a.meta.created - b.meta.created || (objectKey(a.meta) < objectKey(b.meta) ? -1 : 1)

/** The reference of an ancestor entry for a whole namespace. */
export const namespaceRef = (namespace: string) => ({ group: '', kind: 'Namespace', name: namespace })

/** The reference of an ancestor entry for a target. */
export const targetRefOf = ({ kind, name, sectionName }: TargetRef) => ({
  group,
  kind,
  name,
  ...(sectionName === undefined ? {} : { sectionName }),
})

function append(map: Map<string, Hold[]>, key: string, hold: Hold): void {
  const known = map.get(key)
  if (known) known.push(hold)
  else map.set(key, [hold])
}

export function targetsOf(world: World): Targets {
  const byRoute = new Map<string, Hold[]>()
  const byNamespace = new Map<string, Hold[]>()
  const policies = [...world.AccessPolicy.values()].sort(byPrecedence)
  for (const policy of policies) {
    const parsed = parsedPolicy(policy)
    const spec = parsed.ok ? parsed.spec : null
    const { namespace } = policy.meta
    const refs = spec ? spec.targetRefs : readableTargets(policy)
    if (refs === null) append(byNamespace, namespace, { policy, spec: null, sectionName: null })
    for (const { name, sectionName } of refs ?? []) {
      append(byRoute, `${namespace}/${name}`, { policy, spec, sectionName: sectionName ?? null })
    }
  }
  const none: readonly Hold[] = []
  return {
    policies,
    of(route) {
      const wide = byNamespace.get(route.slice(0, route.indexOf('/'))) ?? none
      return wide.length === 0 ? (byRoute.get(route) ?? none) : [...wide, ...(byRoute.get(route) ?? none)]
    },
  }
}
