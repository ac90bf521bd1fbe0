import type { Anomaly, Concurrency, RefusedResource, ResourceSpec } from '@gatehouse/contract'
import type { PlacedPolicy } from '../policy/authorization.ts'
import type { HeaderPlan } from '../policy/identityHeaders.ts'
import type { Steps } from '../slices.ts'
import type { Purpose } from '../policy/purpose.ts'
import type { KeyPlan } from '../policy/quotaKeys.ts'
import type { QuotaCheck } from '../policy/quotas.ts'
import type { HeaderRules } from '../forward/headerRules.ts'
import { compileValidation, type CompiledValidation, type PlacedValidation } from '../policy/validation.ts'
import { readyRule, type ReadyRule } from '../policy/readyRule.ts'
import { readyDenyList, type DeniedAddressCheck, type DeniedCallerCheck, type DenyList } from '../policy/denyList.ts'
import { readyRevocations, type Revocations } from '../policy/revocations.ts'
import { sourceRanges, type SourceCheck, type SourceRanges } from '../policy/sourceAddresses.ts'
import type { AnomalyCheck } from '../policy/anomaly.ts'
import type { ConcurrencyCheck } from '../policy/concurrency.ts'
import type { ThrottleCheck } from '../policy/throttle.ts'
import type { Fleet } from '../state/fleet.ts'
import type { PhaseQuotas } from './counting.ts'
import type { SharedQuota } from '../policy/sharedQuotas.ts'
import { sharedQuota } from './sharedQuota.ts'
import { holdState, type PolicyState, type PolicyStateTools } from './policyState.ts'
import type { Parsed, ParsedResources } from './parse.ts'

/** A policy without its providers, made ready. It is the same object as long as nothing in it changes. */
export interface CompiledPolicy extends PolicyState {
  readonly spec: ResourceSpec<'policy'>
  /** `namespace/name`. */
  readonly name: string
  readonly rules: readonly ReadyRule[]
  /** null = any address may call. `broken` makes the whole policy refuse (M7). */
  readonly sources: SourceRanges | 'broken' | null
  /** null = nobody is denied. `broken` makes the whole policy refuse (M7). */
  readonly denied: DenyList | 'broken' | null
  /** null = none. `broken`: nobody knows who is revoked, so no caller is believed (M7). */
  readonly revocations: Revocations | 'broken' | null
  /** Among whom limits are divided that each data plane counts by itself. */
  readonly fleet: Fleet
  /** The broken quota that makes the whole policy refuse; null = none (M7). */
  readonly brokenQuota: string | null
  /** An identity header that clients could set, because the installation does not remove it; null = none (M10). */
  readonly foreignHeader: string | null
  /** null = the form of requests is not looked at. */
  readonly validation: CompiledValidation | null
}

/** Whose credentials a policy at its level does not let count. */
export interface RevocationCheck {
  readonly policy: string
  readonly level: number
  readonly list: Revocations | 'broken'
}

/** What policies are made ready from. */
export interface PolicyTools extends PolicyStateTools {
  readonly parsed: Pick<ParsedResources, 'revocations' | 'denyList' | 'trust' | 'unreadable'>
  /** Those of the installation. */
  readonly identityHeaders: ReadonlySet<string>
  readonly headerRules: HeaderRules
  /** For Shadow its own rules and quotas join the others, and all of its counters are its own (M9). */
  readonly purpose: Purpose
}

/** Reading expressions and schemas may take milliseconds each. What holds state is made last, when nothing else can fail. */
export function* compilePolicy(policy: Parsed<'policy'>, tools: PolicyTools): Steps<CompiledPolicy> {
  const { name, spec } = policy
  const { parsed, fleet, identityHeaders, headerRules, purpose } = tools
  const tried = purpose === 'Shadow' ? spec.shadow : null
  const rules: ReadyRule[] = []
  for (const rule of tried?.rules ?? spec.rules) {
    yield
    rules.push(readyRule(rule, headerRules))
  }
  const validation = spec.validation === null ? null : yield* compileValidation(spec.validation)
  const quotas = [...spec.quotas, ...(tried?.quotas ?? [])]
  const sound = quotas.filter(({ broken }) => !broken)
  const stateless = {
    sources: spec.sourceIPs === null ? null : sourceRanges(spec.sourceIPs),
    denied: denyListOf(name, spec, parsed),
    revocations: revocationsOf(name, spec, parsed),
    brokenQuota: quotas.find(({ broken }) => broken)?.name ?? null,
    foreignHeader: spec.identityHeaders.find((header) => !identityHeaders.has(header.name))?.name ?? null,
  }
  const state = holdState(
    policy,
    sound.map((quota) => ({ quota, tried: tried?.quotas.includes(quota) ?? false })),
    tools,
  )
  const refused = [...unknownLists(spec, parsed), ...unusable(name, validation), ...state.refused]
  return { spec, name, rules, validation, fleet, ...stateless, ...state, refused }
}

type Lists = PolicyTools['parsed']

function revocationsOf(
  name: string,
  { revocations }: ResourceSpec<'policy'>,
  { revocations: lists }: Lists,
): Revocations | 'broken' | null {
  if (revocations === null) return null
  const list = revocations.broken ? undefined : lists.get(revocations.list)
  return list === undefined ? 'broken' : readyRevocations(list.spec.entries, name)
}

function denyListOf(
  name: string,
  { denyList }: ResourceSpec<'policy'>,
  { denyList: lists }: Lists,
): DenyList | 'broken' | null {
  if (denyList === null) return null
  const list = denyList.broken ? undefined : lists.get(denyList.list)
  return list === undefined ? 'broken' : readyDenyList(list.spec, name)
}

/** What is not there; what could not be read is reported already. */
function unknownLists(spec: ResourceSpec<'policy'>, parsed: Lists): RefusedResource[] {
  return (['revocations', 'denyList'] as const).flatMap((kind) => {
    const reference = spec[kind]
    if (reference === null || reference.broken) return []
    const { list } = reference
    const known = parsed[kind].has(list) || parsed.unreadable[kind].has(list)
    return known ? [] : [{ resource: `${kind}/${list}`, field: '', reason: 'MissingReference' as const }]
  })
}

const unusable = (name: string, validation: CompiledValidation | null): RefusedResource[] =>
  (validation?.unusable ?? []).map((field) => ({
    resource: `policy/${name}`,
    field: `/validation/${field}/schema`,
    reason: 'BuildFailed',
  }))

/** Which of a policy's quotas are counted. */
interface QuotaChoice {
  readonly afterAuthentication: boolean
  /** Only those that are in Shadow by themselves. */
  readonly onlyTried: boolean
  /** Lower-case names of headers that hold credentials: nothing is counted by those (M10). */
  readonly credentials: readonly string[]
}

const keysWithout = (keys: Omit<KeyPlan, 'level'>, level: number, credentials: readonly string[]): KeyPlan => ({
  level,
  parts: keys.parts,
  header: keys.header !== null && credentials.includes(keys.header.name) ? null : keys.header,
})

/** A policy's quotas at the level at which it is attached. */
export function quotasAt(policy: CompiledPolicy, level: number, which: QuotaChoice): PhaseQuotas {
  const local: QuotaCheck[] = []
  const shared: SharedQuota[] = []
  for (const quota of policy.quotas) {
    if (quota.needsPrincipal !== which.afterAuthentication || (which.onlyTried && !quota.tried)) continue
    const check = { ...quota.check, level, keys: keysWithout(quota.check.keys, level, which.credentials) }
    if (quota.shared === null) local.push(check)
    else shared.push(sharedQuota(check, quota.shared, policy.fleet))
  }
  return { local, shared }
}

export const rulesAt = ({ name, rules }: CompiledPolicy, level: number): PlacedPolicy => ({
  policy: name,
  level,
  rules,
})

/** At most one. */
export const throttlesAt = ({ name, spec, failures }: CompiledPolicy, level: number): ThrottleCheck[] =>
  spec.failureThrottle === null || failures === null
    ? []
    : [{ ...spec.failureThrottle, policy: name, level, table: failures }]

/** At most one. */
export const concurrencyAt = ({ name, spec, running }: CompiledPolicy, level: number): ConcurrencyCheck[] =>
  spec.concurrency === null || running === null
    ? []
    : [{ ...running, keys: plainKeys(spec.concurrency, level), limit: spec.concurrency.limit, policy: name, level }]

const plainKeys = ({ keys }: Pick<Concurrency, 'keys'>, level: number): KeyPlan => ({
  level,
  parts: keys.map((type) => ({ type })),
  header: null,
})

/** At most one, of those that are looked at before the caller is known, or after. */
export const anomaliesAt = (
  { name, spec, usual }: CompiledPolicy,
  level: number,
  afterAuthentication: boolean,
): AnomalyCheck[] =>
  spec.anomaly === null || usual === null || asksForCaller(spec.anomaly) !== afterAuthentication
    ? []
    : [{ policy: name, level, keys: plainKeys(spec.anomaly, level), table: usual }]

const asksForCaller = ({ keys }: Anomaly): boolean => keys.some((key) => key !== 'IP' && key !== 'Route')

/** At most one. */
export const providerThrottlesAt = (
  { name, spec: { failureThrottle }, providerFailures }: CompiledPolicy,
  level: number,
): ThrottleCheck[] =>
  failureThrottle?.perProvider && providerFailures
    ? [{ ...failureThrottle.perProvider, policy: name, level, table: providerFailures }]
    : []

/** At most one; a policy whose ranges are broken is refused before. */
export const sourcesAt = ({ name, sources }: CompiledPolicy, level: number): SourceCheck[] =>
  sources === null || sources === 'broken' ? [] : [{ ...sources, policy: name, level }]

export const revocationsAt = ({ name, revocations }: CompiledPolicy, level: number): RevocationCheck[] =>
  revocations === null ? [] : [{ policy: name, level, list: revocations }]

/** At most one; a policy whose list is broken is refused before. */
export const deniedAddressesAt = ({ name, denied }: CompiledPolicy, level: number): DeniedAddressCheck[] =>
  denied === null || denied === 'broken' || denied.addresses === null
    ? []
    : [{ policy: name, level, addresses: denied.addresses }]

export const deniedCallersAt = ({ name, denied }: CompiledPolicy, level: number): DeniedCallerCheck[] =>
  denied === null || denied === 'broken' || denied.callers === null
    ? []
    : [{ policy: name, level, callers: denied.callers }]

export const headersAt = ({ name, spec }: CompiledPolicy, level: number): HeaderPlan => ({
  policy: name,
  level,
  headers: spec.identityHeaders,
})

export const validationAt = ({ name, validation }: CompiledPolicy, level: number): PlacedValidation[] =>
  validation === null ? [] : [{ ...validation, policy: name, level }]
