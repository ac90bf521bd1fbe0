import type { Access, RefusedResource, ResourceSpec } from '@gatehouse/contract'
import type { Purpose } from '../policy/purpose.ts'
import type { Parsed } from './parse.ts'
import type { Steps } from '../slices.ts'
import { candidateSteps, type Candidate } from './candidate.ts'
import type { BalancedUse } from './gateway.ts'
import { policyName, type PolicyUse } from './policyWorkshop.ts'
import { authenticatorName } from './providerChoice.ts'
import { authenticatorPurpose, rulePlan, type PlanSources, type RulePlan } from './rulePlan.ts'

/** A route made ready. It is the same object as long as neither it nor what it refers to changes. */
export interface CompiledRoute {
  readonly spec: ResourceSpec<'route'>
  readonly candidates: readonly Candidate<RulePlan>[]
  readonly refused: readonly RefusedResource[]
  readonly hash: string
  /** What it was made from. */
  readonly inputs: readonly unknown[]
  readonly uses: RouteUse
}

/** What a route refers to, by name. */
export interface RouteUse extends PolicyUse {
  readonly upstreams: readonly string[]
  readonly balanced: readonly BalancedUse[]
}

/** A wider set of facts than a plan needs: whether a route may be served at all. */
export interface RouteSources extends PlanSources {
  /** Listeners that are configured but could not be read. */
  readonly unreadableListeners: ReadonlySet<string>
  /** Makes the policies ready of which a route is going to be compiled. */
  prepare(use: PolicyUse): Steps<void>
}

/**
 * Compiles a route, or takes it over from the snapshot before.
 *
 * A route that names a listener which could not be read is refused on all of them: that listener may demand what the
 * others do not, and its host must not come in by their door.
 */
export function* compileRoute(
  { spec, hash }: Parsed<'route'>,
  sources: RouteSources,
  previous: CompiledRoute | undefined,
): Steps<CompiledRoute> {
  const uses = usesOf(spec)
  yield* sources.prepare(uses)
  const closed = spec.listeners.some((listener) => sources.unreadableListeners.has(listener))
  const inputs = [closed, sources.identityHeaders.join(), ...spec.rules.flatMap((rule) => inputsOf(rule, sources))]
  if (previous?.hash === hash && sameItems(previous.inputs, inputs)) return previous
  const refused: RefusedResource[] = []
  const reporting = { ...sources, report: (one: RefusedResource) => void refused.push(one) }
  const plans: RulePlan[] = []
  for (const [index, rule] of spec.rules.entries()) {
    yield
    const plan = safePlan(spec, rule, `/rules/${index}`, reporting)
    plans.push(closed ? refusedRule(plan) : plan)
  }
  return { spec, hash, inputs, refused, candidates: yield* candidatesOf(spec, plans), uses }
}

type Forward = Extract<RuleSpec['action'], { type: 'Forward' }>

function usesOf({ rules }: ResourceSpec<'route'>): RouteUse {
  const upstreams = rules.flatMap(({ action }) => (action.type === 'Forward' ? upstreamsIn(action) : []))
  const uses = rules.flatMap(({ access, shadow }) => [
    ...usesUnder(access, 'Enforce'),
    ...usesUnder(shadow, 'Shadow', access),
  ])
  return {
    upstreams: [...new Set(upstreams)],
    balanced: rules.flatMap(balancedBy),
    policies: [...new Set(uses.flatMap(({ policies }) => policies))],
    authenticators: [...new Set(uses.flatMap(({ authenticators }) => authenticators))],
  }
}

const upstreamsIn = ({ backends, mirrors }: Forward): readonly string[] => [
  ...backends.flatMap((backend) => (backend.type === 'Upstream' ? [backend.upstream] : [])),
  ...mirrors.map(({ upstream }) => upstream),
]

function balancedBy({ action }: RuleSpec): readonly BalancedUse[] {
  if (action.type !== 'Forward' || action.balancing === null) return []
  const { backends, balancing } = action
  return backends.flatMap((backend) => (backend.type === 'Upstream' ? [{ upstream: backend.upstream, balancing }] : []))
}

function usesUnder(access: Access | null, purpose: Purpose, beside?: Access): readonly PolicyUse[] {
  if (access?.type !== 'Enforce') return []
  const attached = [access.allow, access.identityHeaders ?? [], access.cors, access.policies].flat()
  const authenticators = [authenticatorName(access.authentication, authenticatorPurpose(access, purpose, beside))]
  return [{ policies: attached.map(({ policy }) => policyName(policy, purpose)), authenticators }]
}

type RuleSpec = ResourceSpec<'route'>['rules'][number]

/** A rule that cannot be built costs only itself. */
function safePlan(route: ResourceSpec<'route'>, rule: RuleSpec, at: string, sources: PlanSources): RulePlan {
  const { namespace, name } = route.object
  try {
    return rulePlan(route, rule, at, sources)
  } catch {
    sources.report({ resource: `route/${namespace}/${name}`, field: at, reason: 'BuildFailed' })
    const access = { type: 'Refuse', code: 'config-invalid', policy: null } as const
    return { namespace, route: `${namespace}/${name}`, rule: rule.name, access, shadow: null }
  }
}

const refusedRule = (plan: RulePlan): RulePlan => ({
  ...plan,
  access: { type: 'Refuse', code: 'config-invalid', policy: null },
  shadow: null,
})

function* candidatesOf(spec: ResourceSpec<'route'>, plans: readonly RulePlan[]): Steps<Candidate<RulePlan>[]> {
  const route = `${spec.object.namespace}/${spec.object.name}`
  const candidates: Candidate<RulePlan>[] = []
  for (const [index, { matches }] of spec.rules.entries()) {
    for (const match of matches) {
      yield
      const seniority = { created: spec.created, route, order: candidates.length }
      candidates.push(yield* candidateSteps(match, seniority, plans[index]!))
    }
  }
  return candidates
}

function inputsOf({ access, shadow, action }: RuleSpec, sources: PlanSources): unknown[] {
  const upstreams = action.type === 'Forward' ? upstreamsIn(action).map((name) => sources.upstream(name)) : []
  const tried = accessInputs(shadow, { purpose: 'Shadow', sources, beside: access })
  return [...upstreams, ...accessInputs(access, { purpose: 'Enforce', sources }), ...tried]
}

interface Asking {
  readonly purpose: Purpose
  readonly sources: PlanSources
  readonly beside?: Access
}

function accessInputs(access: Access | null, { purpose, sources, beside }: Asking): unknown[] {
  if (access?.type !== 'Enforce') return []
  const headers = access.identityHeaders
  return [
    sources.authenticator(access.authentication, authenticatorPurpose(access, purpose, beside)),
    sources.policy(access.allow.policy, purpose),
    headers === null ? null : sources.policy(headers.policy, purpose),
    ...[...access.cors, ...access.policies].map(({ policy }) => sources.policy(policy, purpose)),
  ]
}

export const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index])
