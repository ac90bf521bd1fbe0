import type { Quota, RefusedResource } from '@gatehouse/contract'
import type { AnomalyTable } from '../state/anomaly/anomalies.ts'
import type { FailureTable, Failures } from '../state/failures.ts'
import type { Fleet } from '../state/fleet.ts'
import type { Lease } from '../state/lease.ts'
import type { Meters } from '../state/meters.ts'
import type { Slots, SlotTable } from '../state/slots.ts'
import { compileAnomaly, type AnomalyTools } from './compileAnomaly.ts'
import { compileQuota, type CompiledQuota } from './compileQuota.ts'
import type { Parsed } from './parse.ts'

/** What a policy remembers of requests, in its part of what outlives snapshots (M16). */
export interface PolicyState {
  readonly quotas: readonly CompiledQuota[]
  /** Its requests that run; null = as many may as like. */
  readonly running: { readonly table: SlotTable; readonly fleet: Fleet } | null
  /** Who tried with forged credentials; null = nobody counts, as in Shadow (M9). */
  readonly failures: FailureTable | null
  /** The same for each provider. */
  readonly providerFailures: FailureTable | null
  /** null = nobody looks for spikes. */
  readonly usual: AnomalyTable | null
  readonly leases: readonly Lease<unknown>[]
  readonly refused: readonly RefusedResource[]
}

/** Where policies remember; what one has that is only tried is its own (M9). */
export interface PolicyStateTools extends AnomalyTools {
  readonly meters: Meters
  readonly slots: Slots
  /** What is tried beside decisions takes no slot of theirs. */
  readonly shadow: { readonly slots: Slots }
  /** Among whom limits are divided. */
  readonly fleet: Fleet
  readonly failures: Failures
}

/** A quota that is counted. */
export interface SoundQuota {
  readonly quota: Quota
  /** Whether it is in Shadow by itself. */
  readonly tried: boolean
}

/**
 * Takes all that a policy holds, or nothing.
 *
 * @throws RangeError for a calendar whose time zone is not known
 */
export function holdState(
  policy: Parsed<'policy'>,
  quotas: readonly SoundQuota[],
  tools: PolicyStateTools,
): PolicyState {
  const held: Lease<unknown>[] = []
  try {
    return heldIn(held, policy, quotas, tools)
  } catch (error) {
    for (const lease of held) lease.release()
    throw error
  }
}

function heldIn(
  held: Lease<unknown>[],
  { name, spec }: Parsed<'policy'>,
  quotas: readonly SoundQuota[],
  tools: PolicyStateTools,
): PolicyState {
  const { failures, fleet, purpose } = tools
  const hold = <T>(lease: Lease<T>): T => {
    held.push(lease)
    return lease.value
  }
  const owner = purpose === 'Shadow' ? `shadow ${name}` : name
  const counted = quotas.map(({ quota, tried }) => {
    const compiled = compileQuota(quota, { namespace: spec.object.namespace, policy: name, owner, tried }, tools)
    held.push(...compiled.leases)
    return compiled
  })
  const { slots } = purpose === 'Shadow' ? tools.shadow : tools
  const running = spec.concurrency && hold(slots.acquire(JSON.stringify([name, spec.concurrency.keys])))
  const usual = spec.anomaly && compileAnomaly(name, spec.anomaly, tools)
  if (usual !== null) held.push(usual.table, ...(usual.sink === null ? [] : [usual.sink]))
  const throttle = purpose === 'Enforce' ? spec.failureThrottle : null
  return {
    quotas: counted,
    running: running && { table: running, fleet },
    failures: throttle && hold(failures.acquire(name)),
    providerFailures: throttle?.perProvider ? hold(failures.acquire(`${name} by provider`)) : null,
    usual: usual?.table.value ?? null,
    leases: held,
    refused: usual?.refused ?? [],
  }
}
