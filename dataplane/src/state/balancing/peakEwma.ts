import type { Addresses, Picker } from './picker.ts'
import { cheaperOfTwo } from './twoChoices.ts'

/** What a place that has requests under way and has never answered is taken to need, in milliseconds. */
const unknownLatency = 1000

/**
 * Of two places drawn at random the one where a request may be expected to be answered sooner: its latency times the
 * requests that would then be under way (as in Finagle and Linkerd). One of which nothing is known is tried at once, but
 * not by everybody before it has answered.
 */
export function peakEwma({ inFlight, latency }: Addresses): Picker {
  const cost = (place: number): number => {
    const pending = inFlight(place)
    const expected = latency(place)
    return expected === 0 && pending > 0 ? unknownLatency * pending : expected * (pending + 1)
  }
  return (places, { random }) => cheaperOfTwo(places, random, cost)
}
