import { objectKey, type WorldObject } from '../world.ts'
import type { Note } from './findings.ts'
import { holdKey, levels, type Level } from './holds.ts'
import type { InstallationRef } from './options.ts'
import { parsedPolicy } from './parsed.ts'
import {
  madeVerdict,
  policyVerdict,
  refusedTarget,
  targetVerdict,
  unreadableFindings,
  type PolicyVerdictSources,
} from './policyVerdicts.ts'
import { gatehouseRef, readableTargets, targetRefOf, type TargetRef } from './targets.ts'
import type { ParentVerdict, Verdict } from './verdict.ts'
import type { WidePolicies } from './widePolicies.ts'

/** What one namespace has to say of the wide policies. */
export interface WideShare {
  /** What their holds on its routes came to, by policy and level. */
  readonly remarks: ReadonlyMap<WorldObject, ReadonlyMap<Level, readonly Note[]>>
  /** Of those that lie in it too: the verdicts on its routes, by the place in targetRefs. */
  readonly routes: ReadonlyMap<WorldObject, ReadonlyMap<number, ParentVerdict>>
}

const wideLevels = [levels.gatehouse, levels.namedNamespace]

function routeVerdicts(policy: WorldObject, sources: PolicyVerdictSources): ReadonlyMap<number, ParentVerdict> {
  const parsed = parsedPolicy(policy)
  const refs = parsed.ok ? parsed.spec.targetRefs : []
  return new Map(
    refs.flatMap((target, index) => {
      const verdict = target.kind === 'GatewayRoute' ? targetVerdict(policy, target, index, sources) : null
      return verdict ? [[index, verdict] as const] : []
    }),
  )
}

export function wideShareOf(namespace: string, wide: WidePolicies, sources: PolicyVerdictSources): WideShare {
  const remarks = new Map(
    wide.policies.map((policy) => [
      policy,
      new Map(
        wideLevels.map(
          (level) => [level, sources.remarks.get(holdKey({ policy, level, sectionName: null })) ?? []] as const,
        ),
      ),
    ]),
  )
  const own = wide.policies.filter(({ meta }) => meta.namespace === namespace)
  return { remarks, routes: new Map(own.map((policy) => [policy, routeVerdicts(policy, sources)])) }
}

/** What verdicts over wide policies are made from. */
export interface WideVerdictSources {
  readonly ref: InstallationRef
  readonly wide: WidePolicies
  /** Whether the installation can be read. */
  readonly open: boolean
  readonly folder: boolean
  /** Whether the installation's namespace has a Gatehouse of this name. */
  readonly hasGatehouse: (name: string) => boolean
  /** What the namespaces have to say, by name, sorted. */
  readonly shares: ReadonlyMap<string, WideShare>
}

const remarksFrom = (shares: Iterable<WideShare>, policy: WorldObject, level: Level): readonly Note[] =>
  [...shares].flatMap(({ remarks }) => remarks.get(policy)?.get(level) ?? [])

/** Towards a target that concerns all routes of an installation or of a namespace. */
function wideTarget(
  policy: WorldObject,
  target: TargetRef,
  index: number,
  sources: WideVerdictSources,
): ParentVerdict | null {
  const { ref, wide, open, folder, shares } = sources
  const made = wide.made.get(policy)
  const absent = folder ? 'NotInFolder' : 'TargetNotFound'
  if (target.kind === 'Gatehouse') {
    if (target.name !== ref.name) {
      return sources.hasGatehouse(target.name) ? null : refusedTarget(target, absent, index)
    }
    if (!open || !made) return refusedTarget(target, 'TargetNotServed', index)
    return madeVerdict(target, made, remarksFrom(shares.values(), policy, levels.gatehouse))
  }
  const share = shares.get(target.name)
  if (!share) return refusedTarget(target, absent, index)
  if (!made) return refusedTarget(target, 'TargetNotServed', index)
  return madeVerdict(target, made, remarksFrom([share], policy, levels.namedNamespace))
}

function parentsOf(policy: WorldObject, sources: WideVerdictSources): readonly ParentVerdict[] {
  const parsed = parsedPolicy(policy)
  const { ref, shares } = sources
  if (!parsed.ok) {
    const refs = readableTargets(policy)?.map(targetRefOf) ?? [gatehouseRef(ref.name)]
    return refs.map((one) => ({ ref: one, findings: unreadableFindings(policy), resources: [] }))
  }
  const onRoutes = shares.get(ref.namespace)?.routes.get(policy)
  return parsed.spec.targetRefs.flatMap(
    (target, index) =>
      (target.kind === 'GatewayRoute' ? onRoutes?.get(index) : wideTarget(policy, target, index, sources)) ?? [],
  )
}

/** What there is to say about the wide policies, sorted by name. */
export const wideVerdicts = (sources: WideVerdictSources): readonly Verdict[] =>
  sources.wide.policies
    .toSorted((a, b) => (objectKey(a.meta) < objectKey(b.meta) ? -1 : 1))
    .map((policy) => policyVerdict(policy, parentsOf(policy, sources), sources.wide.made.get(policy)))
