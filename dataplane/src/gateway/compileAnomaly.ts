import type { Anomaly, RefusedResource, ResourceSpec } from '@gatehouse/contract'
import type { Purpose } from '../policy/purpose.ts'
import type { Anomalies, AnomalyTable } from '../state/anomaly/anomalies.ts'
import type { EventSink, EventSinks } from '../state/anomaly/eventSinks.ts'
import type { Lease } from '../state/lease.ts'
import type { ParsedResources } from './parse.ts'

/** What spikes are found and told with. */
export interface AnomalyTools {
  readonly parsed: Pick<ParsedResources, 'trust'> & {
    readonly unreadable: Pick<ParsedResources['unreadable'], 'trust'>
  }
  readonly anomalies: Anomalies
  readonly eventSinks: EventSinks
  readonly outbound: ResourceSpec<'installation'>['outbound']
  readonly purpose: Purpose
}

interface CompiledAnomaly {
  readonly table: Lease<AnomalyTable>
  /** null = events go nowhere. */
  readonly sink: Lease<EventSink> | null
  readonly refused: readonly RefusedResource[]
}

/**
 * What is usual belongs to the policy and its keys, whatever else changes (M16). Without the authorities of its receiver
 * nothing is sent to it. What is only tried has counts of its own and tells nobody (M9).
 */
export function compileAnomaly(policy: string, spec: Anomaly, tools: AnomalyTools): CompiledAnomaly {
  const { anomalies, purpose } = tools
  const { keys, ratio, minRequests, baseline, throttle } = spec
  const tells = purpose === 'Enforce'
  const { sink, refused } = tells ? sinkOf(policy, spec, tools) : { sink: null, refused: [] }
  const identity = JSON.stringify([purpose, policy, keys])
  const limits = { ratio, minRequests, baseline, throttle }
  const table = anomalies.acquire(identity, { ...limits, policy, keys, sink: sink?.value ?? null, tells })
  return { table, sink, refused }
}

function sinkOf(
  policy: string,
  { events }: Anomaly,
  { parsed, eventSinks, outbound }: AnomalyTools,
): Pick<CompiledAnomaly, 'sink' | 'refused'> {
  if (events === null) return { sink: null, refused: [] }
  const { trust, ...target } = events
  const anchors = trust === null ? null : (parsed.trust.get(trust)?.spec.anchors ?? 'missing')
  if (anchors === 'missing') {
    const reported = trust === null || parsed.unreadable.trust.has(trust)
    return {
      sink: null,
      refused: reported ? [] : [{ resource: `trust/${trust}`, field: '', reason: 'MissingReference' }],
    }
  }
  const identity = JSON.stringify([policy, target, anchors, outbound])
  return { sink: eventSinks.acquire(identity, { ...target, anchors, outbound }), refused: [] }
}
