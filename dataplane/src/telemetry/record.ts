import type { UpstreamFailure } from './upstreamFailure.ts'
import type { Check, Judgement, QuotaState, RefusalCode, Would } from '../gateway/refusal.ts'

/** How a connection to an upstream went; null where none was tried. */
export interface UpstreamOutcome {
  /** Name of the upstream: `namespace/service:port`. */
  readonly upstream: string
  /** `address:port`; null when no address was chosen. */
  readonly address: string | null
  /** The upstream's status; null when it gave none. */
  readonly status: number | null
  /** Milliseconds from dispatch to response headers. */
  readonly headTime: number | null
  /** How often it was sent; 0 = never. */
  readonly tries: number
  /** Why the last try that came to nothing did, also where another then did not; null = none, or it was late to answer. */
  readonly failure: UpstreamFailure | null
}

/** One per request (M20): feeds the audit and security logs, the metrics and `explain`. Holds no credential. */
export interface DecisionRecord {
  readonly requestId: string
  readonly revision: string | null
  readonly listener: string
  readonly method: string
  readonly host: string | null
  readonly path: string | null
  readonly clientAddress: string | null
  readonly decision: 'permit' | 'refuse'
  /** Set when the gateway answered itself, also when a permitted request then failed upstream. */
  readonly code: RefusalCode | null
  /** The check that ended the request; null when the upstream's answer was passed on. */
  readonly check: Check | null
  readonly status: number
  readonly judgement: Judgement
  /** What everything in Shadow would have come to; null = nothing in Shadow concerns the rule. */
  readonly would: Would | null
  readonly quotas: readonly QuotaState[]
  readonly upstream: UpstreamOutcome | null
  /** False when the client went away or the upstream died before the response was whole. */
  readonly completed: boolean
  /** Milliseconds from the request's head to the end of the response. */
  readonly duration: number
}
