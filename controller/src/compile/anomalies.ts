import type { AccessPolicySpec } from '@gatehouse/crds'
import type { Anomaly } from '@gatehouse/contract'
import { milliseconds } from './durations.ts'
import { note, type Note } from './findings.ts'
import type { Outbound } from './outbound.ts'

/** What a policy takes for unusual, and what is wrong with it. */
export interface MadeAnomaly {
  readonly anomaly: Anomaly | null
  readonly notes: readonly Note[]
}

/** Events that may not be sent stay in the log; nothing that they tell of depends on them. */
export function anomalyOf(spec: AccessPolicySpec['anomaly'], namespace: string, outbound: Outbound): MadeAnomaly {
  if (!spec) return { anomaly: null, notes: [] }
  const { keys, spike, throttle, events } = spec
  const fetch = events ? outbound(namespace, events.url) : null
  return {
    anomaly: {
      keys: keys.map(({ type }) => type),
      ratio: spike.ratio,
      minRequests: spike.minRequests,
      baseline: milliseconds(spike.baseline),
      throttle: throttle ? { limit: throttle.limit, window: milliseconds(throttle.window) } : null,
      events: events && fetch ? { ...events, ...fetch } : null,
    },
    notes: events && !fetch ? [note('ResolvedRefs', 'OutboundNotAllowed', '/spec/anomaly/events/url')] : [],
  }
}
