import type { QuotaState } from '../gateway/refusal.ts'

/** What a rate has left. @param reset - microseconds until it has more */
export const stateOf = (rate: QuotaState['rate'], remaining: number, reset: number): QuotaState => ({
  rate,
  remaining,
  reset: millisecondsOf(reset),
})

/** Nobody is told to come too early. */
const millisecondsOf = (microseconds: number): number => Math.ceil(microseconds / 1000)

const byRemaining = (a: QuotaState, b: QuotaState): number => a.remaining - b.remaining

/** Those with the least left first. */
export const leastFirst = (states: QuotaState[]): readonly QuotaState[] =>
  states.length < 2 ? states : states.sort(byRemaining)

/**
 * The one that refuses longest first, then those with the least left.
 *
 * @param wait - microseconds until the one at `refusing` has room
 */
export function refusedFirst(states: QuotaState[], refusing: number, wait: number): readonly QuotaState[] {
  const first = { ...states[refusing]!, reset: millisecondsOf(wait) }
  if (states.length === 1) return [first]
  states.splice(refusing, 1)
  return [first, ...leastFirst(states)]
}

/** What two phases say together, those with the least left first. */
export const bothStates = (a: readonly QuotaState[], b: readonly QuotaState[]): readonly QuotaState[] =>
  a.length === 0 ? b : b.length === 0 ? a : leastFirst([...a, ...b])
