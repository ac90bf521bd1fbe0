import type { AccessPolicySpec } from '@gatehouse/crds'
import { objectKey, type World, type WorldObject } from '../world.ts'
import { holdKey } from './access.ts'
import { findingsOf, note, type Note } from './findings.ts'
import { issuePlaces, parsedPolicy } from './parsed.ts'
import type { MadePolicy } from './policies.ts'
import type { ConditionReason } from './reasons.ts'
import type { CompiledRoute } from './servedRoute.ts'
import { namespaceRef, readableTargets, targetRefOf } from './targets.ts'
import type { ParentVerdict } from './verdict.ts'

type TargetRef = AccessPolicySpec['targetRefs'][number]

/** What verdicts over policies are made from. */
export interface PolicyVerdictSources {
  readonly world: World
  /** Compiled routes by `namespace/name`. */
  readonly routes: ReadonlyMap<string, CompiledRoute>
  /** The policies that have a hold on a route that is served. */
  readonly made: ReadonlyMap<WorldObject, MadePolicy>
  readonly folder: boolean
}

/** What a target is to this installation: a reason against it, nothing against it, or another's matter. */
function judged(
  target: TargetRef,
  route: CompiledRoute | undefined,
  folder: boolean,
): ConditionReason | 'fine' | 'not-ours' {
  if (!route) return folder ? 'NotInFolder' : 'TargetNotFound'
  if (route.parents.length === 0) return 'not-ours'
  if (route.resource === null || route.ruleNames.size === 0) return 'TargetNotServed'
  return target.sectionName === undefined || route.ruleNames.has(target.sectionName) ? 'fine' : 'UnknownSectionName'
}

const unsaid = note('ResolvedRefs', 'NotAccepted')

/** What a policy lost to others on one target. */
const conflictsOn = (route: CompiledRoute, policy: WorldObject, { sectionName }: TargetRef): readonly Note[] =>
  route.conflicts.get(holdKey(policy, sectionName ?? null)) ?? []

/** An unreadable policy says so on each target that can be read, or on its namespace. */
function unreadable(policy: WorldObject, invalid: Note, sources: PolicyVerdictSources): readonly ParentVerdict[] {
  const findings = findingsOf([invalid, unsaid])
  const targets = readableTargets(policy)
  if (targets === null) return [{ ref: namespaceRef(policy.meta.namespace), findings, resources: [] }]
  return targets
    .filter(({ name }) => sources.routes.get(`${policy.meta.namespace}/${name}`)?.parents.length !== 0)
    .map((target) => ({ ref: targetRefOf(target), findings, resources: [] }))
}

/** What there is to say about a policy that was made, on a target that is served. */
function enforced(
  policy: WorldObject,
  made: MadePolicy,
  target: TargetRef,
  route: CompiledRoute,
): Pick<ParentVerdict, 'findings' | 'resources'> {
  if (!made.fits) return { findings: findingsOf([note('Accepted', 'BudgetExceeded'), unsaid]), resources: [] }
  const sound = made.notes.every(({ type }) => type !== 'ResolvedRefs')
  const findings = findingsOf([
    note('Accepted', 'Accepted'),
    ...(sound ? [note('ResolvedRefs', 'ResolvedRefs')] : []),
    ...made.notes,
    ...conflictsOn(route, policy, target),
  ])
  return {
    findings,
    resources: [...made.resources.map(({ key }) => key), `route/${objectKey(route.object.meta)}`],
  }
}

/** What there is to say about a policy, target by target; nothing on those that are another installation's. */
export function policyParents(policy: WorldObject, sources: PolicyVerdictSources): readonly ParentVerdict[] {
  const parsed = parsedPolicy(policy)
  if (!parsed.ok) return unreadable(policy, note('Accepted', 'Invalid', ...issuePlaces(parsed.issues)), sources)
  return parsed.spec.targetRefs.flatMap((target, index): readonly ParentVerdict[] => {
    const route = sources.routes.get(`${policy.meta.namespace}/${target.name}`)
    const made = sources.made.get(policy)
    const reason = judged(target, route, sources.folder)
    const ref = targetRefOf(target)
    if (reason === 'not-ours') return []
    if (reason === 'fine' && route && made) return [{ ref, ...enforced(policy, made, target, route) }]
    const refused = note('Accepted', reason === 'fine' ? 'TargetNotServed' : reason, `/spec/targetRefs/${index}`)
    return [{ ref, findings: findingsOf([refused, unsaid]), resources: [] }]
  })
}
