/** What is known of the addresses of an upstream, each by its place in a list that stands. */
export interface Addresses {
  /** Requests that wait or run there; Infinity = it must not have this one. */
  inFlight(place: number): number
  /** Milliseconds in which it may be expected to answer; 0 = nothing is known. */
  latency(place: number): number
  /** A number that only the address itself makes, 32 bits: the same in every data plane. */
  seed(place: number): number
}

/** What one choice is made with. */
export interface Draw {
  /** From 0 up to, but not including, 1. */
  readonly random: () => number
  /** What requests that belong together share, 32 bits; null = nothing. */
  readonly key: number | null
}

/**
 * Chooses one of these places.
 *
 * @returns `none` when none of them may have the request
 */
export type Picker = (places: readonly number[], draw: Draw) => number

/** No place. */
export const none = -1
