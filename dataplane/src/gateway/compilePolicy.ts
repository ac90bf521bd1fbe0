import type { Quota, RefusedResource, ResourceSpec } from '@gatehouse/contract'
import type { PlacedPolicy } from '../policy/authorization.ts'
import type { HeaderPlan } from '../policy/identityHeaders.ts'
import type { Steps } from '../slices.ts'
import type { Purpose } from '../policy/purpose.ts'
import type { RateCheck } from '../policy/quotas.ts'
import type { HeaderRules } from '../forward/headerRules.ts'
import { compileValidation, type CompiledValidation, type PlacedValidation } from '../policy/validation.ts'
import { needsPrincipal } from '../policy/quotas.ts'
import { readyRule, type ReadyRule } from '../policy/readyRule.ts'
import { readyDenyList, type DeniedAddressCheck, type DeniedCallerCheck, type DenyList } from '../policy/denyList.ts'
import { readyRevocations, type Revocations } from '../policy/revocations.ts'
import { sourceRanges, type SourceCheck, type SourceRanges } from '../policy/sourceAddresses.ts'
import type { AnomalyCheck } from '../policy/anomaly.ts'
import type { ConcurrencyCheck } from '../policy/concurrency.ts'
import type { ThrottleCheck } from '../policy/throttle.ts'
import { compileAnomaly, type AnomalyTools } from './compileAnomaly.ts'
import type { AnomalyTable } from '../state/anomaly/anomalies.ts'
import type { BucketTable, Buckets } from '../state/buckets.ts'
import type { FailureTable, Failures } from '../state/failures.ts'
import type { Lease } from '../state/lease.ts'
import type { Slots, SlotTable } from '../state/slots.ts'
import type { Parsed, ParsedResources } from './parse.ts'

/** One rate of a policy's quota and its counter. */
interface Counter {
  readonly check: Omit<RateCheck, 'level'>
  readonly needsPrincipal: boolean
  /** Whether its quota is in Shadow by itself. */
  readonly tried: boolean
}

/** A policy without its providers, made ready. It is the same object as long as nothing in it changes. */
export interface CompiledPolicy {
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
  readonly counters: readonly Counter[]
  /** Its requests that run; null = as many may as like. */
  readonly running: SlotTable | null
  /** Who tried with forged credentials; null = nobody counts, as in Shadow (M9). */
  readonly failures: FailureTable | null
  /** The same for each provider. */
  readonly providerFailures: FailureTable | null
  /** The broken quota that makes the whole policy refuse; null = none (M7). */
  readonly brokenQuota: string | null
  /** An identity header that clients could set, because the installation does not remove it; null = none (M10). */
  readonly foreignHeader: string | null
  /** null = nobody looks for spikes. */
  readonly usual: AnomalyTable | null
  /** null = the form of requests is not looked at. */
  readonly validation: CompiledValidation | null
  readonly leases: readonly Lease<unknown>[]
  readonly refused: readonly RefusedResource[]
}

/** Whose credentials a policy at its level does not let count. */
export interface RevocationCheck {
  readonly policy: string
  readonly level: number
  readonly list: Revocations | 'broken'
}

/** What policies are made ready from. */
export interface PolicyTools extends AnomalyTools {
  readonly parsed: Pick<ParsedResources, 'revocations' | 'denyList' | 'trust' | 'unreadable'>
  readonly buckets: Buckets
  readonly slots: Slots
  readonly failures: Failures
  /** Those of the installation. */
  readonly identityHeaders: ReadonlySet<string>
  readonly headerRules: HeaderRules
  /** For Shadow its own rules and quotas join the others, and all of its counters are its own (M9). */
  readonly purpose: Purpose
}

/** Reading expressions and schemas may take milliseconds each. What holds state is made last, when nothing else can fail. */
export function* compilePolicy({ name, spec }: Parsed<'policy'>, tools: PolicyTools): Steps<CompiledPolicy> {
  const { parsed, buckets, slots, failures, identityHeaders, headerRules, purpose } = tools
  const tried = purpose === 'Shadow' ? spec.shadow : null
  const rules: ReadyRule[] = []
  for (const rule of tried?.rules ?? spec.rules) {
    yield
    rules.push(readyRule(rule, headerRules))
  }
  const validation = spec.validation === null ? null : yield* compileValidation(spec.validation)
  const quotas = [...spec.quotas, ...(tried?.quotas ?? [])]
  const owner = purpose === 'Shadow' ? `shadow ${name}` : name
  const counted = quotas.flatMap((quota) =>
    counters(quota, { policy: name, owner, tried: tried?.quotas.includes(quota) ?? false }, buckets),
  )
  const running = spec.concurrency === null ? null : slots.acquire(JSON.stringify([owner, spec.concurrency.keys]))
  const usual = spec.anomaly === null ? null : compileAnomaly(name, spec.anomaly, tools)
  const throttle = purpose === 'Enforce' ? spec.failureThrottle : null
  const counts = throttle === null ? null : failures.acquire(name)
  const providerCounts = throttle?.perProvider ? failures.acquire(`${name} by provider`) : null
  const held = [running, counts, providerCounts, usual?.table ?? null, usual?.sink ?? null]
  return {
    spec,
    name,
    rules,
    sources: spec.sourceIPs === null ? null : sourceRanges(spec.sourceIPs),
    denied: denyListOf(name, spec, parsed),
    revocations: revocationsOf(name, spec, parsed),
    counters: counted.map(({ counter }) => counter),
    brokenQuota: quotas.find(({ broken }) => broken)?.name ?? null,
    foreignHeader: spec.identityHeaders.find((header) => !identityHeaders.has(header.name))?.name ?? null,
    validation,
    usual: usual?.table.value ?? null,
    running: running?.value ?? null,
    failures: counts?.value ?? null,
    providerFailures: providerCounts?.value ?? null,
    leases: [...counted.map(({ lease }) => lease), ...held].filter((lease) => lease !== null),
    refused: [...unknownLists(spec, parsed), ...unusable(name, validation), ...(usual?.refused ?? [])],
  }
}

type Lists = PolicyTools['parsed']

function revocationsOf(name: string, { revocations }: ResourceSpec<'policy'>, { revocations: lists }: Lists) {
  if (revocations === null) return null
  const list = revocations.broken ? undefined : lists.get(revocations.list)
  return list === undefined ? 'broken' : readyRevocations(list.spec.entries, name)
}

function denyListOf(name: string, { denyList }: ResourceSpec<'policy'>, { denyList: lists }: Lists) {
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

/** A counter is known by policy, quota, keys, algorithm and window (M16), so a new limit or burst keeps it. */
function counters(
  quota: Quota,
  { policy, owner, tried }: { readonly policy: string; readonly owner: string; readonly tried: boolean },
  buckets: Buckets,
) {
  return quota.rates.map(({ limit, window, burst }, index) => {
    const twins = quota.rates.slice(0, index).filter((rate) => rate.window === window).length
    const identity = JSON.stringify([owner, quota.name, quota.keys, quota.algorithm, window, twins])
    const lease: Lease<BucketTable> = buckets.acquire(identity, { limit, window })
    const { name, keys } = quota
    const check = { quota: name, policy, keys, limit, window, burst, table: lease.value }
    return { lease, counter: { check, needsPrincipal: needsPrincipal(keys), tried } }
  })
}

/** A policy's checks at the level at which it is attached. */
export const ratesAt = (
  policy: CompiledPolicy,
  level: number,
  which: { readonly afterAuthentication: boolean; readonly onlyTried: boolean },
): RateCheck[] =>
  policy.counters
    .filter(({ needsPrincipal: later, tried }) => later === which.afterAuthentication && (tried || !which.onlyTried))
    .map(({ check }) => ({ ...check, level }))

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
  spec.concurrency === null || running === null ? [] : [{ ...spec.concurrency, policy: name, level, table: running }]

/** At most one, of those that are looked at before the caller is known, or after. */
export const anomaliesAt = (
  { name, spec, usual }: CompiledPolicy,
  level: number,
  afterAuthentication: boolean,
): AnomalyCheck[] =>
  spec.anomaly === null || usual === null || needsPrincipal(spec.anomaly.keys) !== afterAuthentication
    ? []
    : [{ policy: name, level, keys: spec.anomaly.keys, table: usual }]

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
