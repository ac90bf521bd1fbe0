import type { Kept } from '../state/slots.ts'

/** Whoever sees a request to its end. */
export interface Holder {
  /** Whether it is over: then nothing is kept for it any more. */
  readonly over: boolean
  /** Keeps something until the request is over, whatever its end is. Not after that. */
  keep(kept: Kept): void
}
