import { objectKey, type World, type WorldObject } from '../world.ts'
import { findingsOf, note, placeWith, type Note } from './findings.ts'
import { holdKey, levels } from './holds.ts'
import type { InstallationRef } from './options.ts'
import { issuePlaces, parsedPolicy } from './parsed.ts'
import type { MadePolicy } from './policies.ts'
import type { ConditionReason } from './reasons.ts'
import type { CompiledRoute } from './servedRoute.ts'
import { namespaceRef, readableTargets, targetRefOf, type TargetRef } from './targets.ts'
import { verdictOf, type ParentVerdict, type Verdict } from './verdict.ts'

/** What verdicts over policies are made from. */
export interface PolicyVerdictSources {
  /** The part of the policy's namespace. */
  readonly world: World
  /** Compiled routes by `namespace/name`. */
  readonly routes: ReadonlyMap<string, CompiledRoute>
  /** What the routes say of holds on all of them, by {@link holdKey}. */
  readonly remarks: ReadonlyMap<string, readonly Note[]>
  /** Whether routes of the namespace are this installation's matter; so is a namespace without routes. */
  readonly concerned: boolean
  /** The policies that have a hold on a route that is served, and all wide ones. */
  readonly made: ReadonlyMap<WorldObject, MadePolicy>
  readonly installation: InstallationRef
  readonly folder: boolean
}

/** What a target is to this installation: a reason against it, nothing against it, or another's matter. */
type Standing = ConditionReason | 'fine' | 'not-ours'

function routeStanding(target: TargetRef, route: CompiledRoute | undefined, folder: boolean): Standing {
  if (!route) return folder ? 'NotInFolder' : 'TargetNotFound'
  if (route.parents.length === 0) return 'not-ours'
  if (route.resource === null || route.ruleNames.size === 0) return 'TargetNotServed'
  return target.sectionName === undefined || route.ruleNames.has(target.sectionName) ? 'fine' : 'UnknownSectionName'
}

/** A namespace whose routes are all another installation's is that one's matter. */
function namespaceStanding({ name }: TargetRef, namespace: string, concerned: boolean): Standing {
  if (name !== namespace) return 'TargetNotAllowed'
  return concerned ? 'fine' : 'not-ours'
}

/** Of a Gatehouse that this policy names and that is not the one that is compiled for. */
function gatehouseStanding({ name }: TargetRef, namespace: string, sources: PolicyVerdictSources): Standing {
  if (sources.world.Gatehouse.has(`${namespace}/${name}`)) return 'not-ours'
  if (namespace !== sources.installation.namespace) return 'TargetNotAllowed'
  return sources.folder ? 'NotInFolder' : 'TargetNotFound'
}

function standingOf(target: TargetRef, { namespace }: WorldObject['meta'], sources: PolicyVerdictSources): Standing {
  switch (target.kind) {
    case 'GatewayRoute':
      return routeStanding(target, sources.routes.get(`${namespace}/${target.name}`), sources.folder)
    case 'Namespace':
      return namespaceStanding(target, namespace, sources.concerned)
    case 'Gatehouse':
      return gatehouseStanding(target, namespace, sources)
  }
}

const unsaid = note('ResolvedRefs', 'NotAccepted')

const targetText = ({ kind, name, sectionName }: TargetRef): string =>
  `${kind} ${name}${sectionName === undefined ? '' : `, rule ${sectionName}`}`

/** The verdict over a policy towards a target that it does not get. */
export const refusedTarget = (target: TargetRef, reason: ConditionReason, index: number): ParentVerdict => ({
  ref: targetRefOf(target),
  findings: findingsOf([note('Accepted', reason, placeWith(`/spec/targetRefs/${index}`, targetText(target))), unsaid]),
  resources: [],
})

/** What an unreadable policy says on its targets. */
export const unreadableFindings = (policy: WorldObject): ParentVerdict['findings'] => {
  const parsed = parsedPolicy(policy)
  return findingsOf([note('Accepted', 'Invalid', ...(parsed.ok ? [] : issuePlaces(parsed.issues))), unsaid])
}

/** An unreadable policy says so on each target that can be read, or on its namespace. */
function unreadable(policy: WorldObject, sources: PolicyVerdictSources): readonly ParentVerdict[] {
  const findings = unreadableFindings(policy)
  const targets = readableTargets(policy)
  if (targets === null) return [{ ref: namespaceRef(policy.meta.namespace), findings, resources: [] }]
  return targets
    .filter((target) => standingOf(target, policy.meta, sources) !== 'not-ours')
    .map((target) => ({ ref: targetRefOf(target), findings, resources: [] }))
}

/**
 * The verdict over a policy that was made, towards a target that it holds.
 *
 * @param remarks - what its hold on the target came to
 */
export function madeVerdict(target: TargetRef, made: MadePolicy, remarks: readonly Note[]): ParentVerdict {
  const ref = targetRefOf(target)
  if (!made.fits) {
    return { ref, findings: findingsOf([note('Accepted', 'BudgetExceeded'), unsaid]), resources: [] }
  }
  const all = [...made.notes, ...remarks]
  const says = (type: Note['type']): boolean => all.some((one) => one.type === type)
  const findings = findingsOf([
    ...(says('Accepted') ? [] : [note('Accepted', 'Accepted')]),
    ...(says('ResolvedRefs') ? [] : [note('ResolvedRefs', 'ResolvedRefs')]),
    ...all,
  ])
  return { ref, findings, resources: made.resources.map(({ key }) => key) }
}

/** What routes say of the holds that policies have on all of them, put together. */
export function remarksOfAll(routes: Iterable<CompiledRoute>): ReadonlyMap<string, readonly Note[]> {
  const all = new Map<string, Note[]>()
  for (const { remarks, holds } of routes) {
    if (remarks.size === 0) continue
    for (const hold of holds) {
      if (hold.level > levels.namespace) continue
      const key = holdKey(hold)
      const known = all.get(key)
      const more = remarks.get(key) ?? []
      if (known) known.push(...more)
      else all.set(key, [...more])
    }
  }
  return all
}

/** Towards a target that there is nothing against. */
function held(policy: WorldObject, target: TargetRef, sources: PolicyVerdictSources): ParentVerdict | null {
  const made = sources.made.get(policy)
  if (target.kind === 'Namespace') {
    // Nothing is served there yet, so nothing was made.
    if (!made) return { ref: targetRefOf(target), findings: findingsOf([note('Accepted', 'Accepted')]), resources: [] }
    return madeVerdict(
      target,
      made,
      sources.remarks.get(holdKey({ policy, level: levels.namespace, sectionName: null })) ?? [],
    )
  }
  const route = sources.routes.get(`${policy.meta.namespace}/${target.name}`)
  if (!route || !made) return null
  const { sectionName = null } = target
  const level = sectionName === null ? levels.route : levels.rule
  const verdict = madeVerdict(target, made, route.remarks.get(holdKey({ policy, level, sectionName })) ?? [])
  return made.fits
    ? { ...verdict, resources: [...verdict.resources, `route/${objectKey(route.object.meta)}`] }
    : verdict
}

/** What there is to say about a policy on one of its targets; null when that is another installation's matter. */
export function targetVerdict(
  policy: WorldObject,
  target: TargetRef,
  index: number,
  sources: PolicyVerdictSources,
): ParentVerdict | null {
  const standing = standingOf(target, policy.meta, sources)
  if (standing === 'not-ours') return null
  if (standing !== 'fine') return refusedTarget(target, standing, index)
  return held(policy, target, sources) ?? refusedTarget(target, 'TargetNotServed', index)
}

/** What there is to say about a policy that is not wide, target by target. */
export function policyParents(policy: WorldObject, sources: PolicyVerdictSources): readonly ParentVerdict[] {
  const parsed = parsedPolicy(policy)
  if (!parsed.ok) return unreadable(policy, sources)
  return parsed.spec.targetRefs.flatMap((target, index) => targetVerdict(policy, target, index, sources) ?? [])
}

/** The whole verdict over a policy, with when its API keys end and what data planes divide, if anything. */
export function policyVerdict(
  policy: WorldObject,
  parents: readonly ParentVerdict[],
  made: MadePolicy | undefined,
): Verdict {
  const verdict = verdictOf('AccessPolicy', policy, parents)
  const { expiries = [], divided = [] } = made ?? {}
  return { ...verdict, ...(expiries.length > 0 && { expiries }), ...(divided.length > 0 && { divided }) }
}
