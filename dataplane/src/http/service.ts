import type { Clock } from '../clock.ts'
import type { ForwardState } from '../forward/forward.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { DecisionRecord } from '../telemetry/record.ts'
import type { ConnectionLimits } from './limits.ts'
import type { SessionEnd } from './sessionEnd.ts'
import type { Streams } from './streams.ts'

/** Where requests of a process go and are recorded. */
export interface Service {
  /** The gateway that new requests begin with; null before the first snapshot. */
  gateway(): Gateway | null
  readonly forwarding: ForwardState
  record(record: DecisionRecord): void
  /** Takes that a session of HTTP/2 had to be ended. */
  sessionEnded(reason: SessionEnd): void
  readonly clock: Clock
  /** Whether new requests are refused for want of memory; default they never are. */
  readonly overload?: { readonly overloaded: boolean }
  /** What ends requests that run on; default nothing does. */
  readonly streams?: Streams
  /** Default: {@link ConnectionLimits} as they are shipped. */
  readonly limits?: ConnectionLimits
}
