import { differingKeys } from '@gatehouse/contract'
import type { Verdict } from '../compile/verdict.ts'
import { objectKey } from '../world.ts'
import { circuitsOf, circuitWord } from './circuits.ts'
import { dividedWord } from './dividedLimits.ts'
import type { Fleet } from './fleet.ts'

/** What a fleet means for verdicts, looked at once for all of them. */
export interface FleetView {
  /**
   * What the data planes make of a verdict, as a word: as long as it is the same for the same verdict, its conditions
   * are. Null = it must be looked at.
   */
  wordFor(verdict: Verdict): string | null
  /** Whether there is nothing to say of a verdict but that data planes do not serve it yet. */
  isAwaited(verdict: Verdict): boolean
}

type Content = NonNullable<ReturnType<Fleet['contentOf']>>

/** Nobody waits for addresses: they change too often, and serve as soon as they come. */
const isAwaitedKind = (key: string): boolean => !key.startsWith('endpoints/')

/** Keys that a data plane does not have as wanted; null = any may be among them. */
function lackedIn(held: Content | null, wanted: Content | null): ReadonlySet<string> | null {
  if (held === wanted) return new Set()
  return held && wanted && new Set([...differingKeys(held, wanted)].filter(isAwaitedKind))
}

/** Whether some data plane lacks one of these; each set is what one lacks. */
const lacks = (lacked: readonly (ReadonlySet<string> | null)[], keys: readonly string[]): boolean =>
  lacked.some((set) => set === null || (set.size > 0 && keys.some((key) => set.has(key))))

export function fleetView(fleet: Fleet): FleetView {
  const { expected, sessions, revision, settling, dividedBy, contentOf } = fleet
  const circuits = fleet.circuits ?? circuitsOf(sessions)
  const wanted = contentOf(revision)
  const serving = sessions.filter((session) => session.revision !== null || session.nack !== null)
  const held = new Set(serving.map((session) => session.revision))
  const lacked = [...held].map((one) => lackedIn(one === null ? null : contentOf(one), wanted))
  const isShort = serving.length < expected
  const refused = new Set(serving.flatMap((session) => session.refused.map(({ resource }) => resource)))
  const nacked = serving.some(({ nack }) => nack !== null)
  const word = `${expected === 0} ${isShort} ${settling}`
  const refuses = (keys: readonly string[]): boolean =>
    nacked || (refused.size > 0 && keys.some((key) => refused.has(key)))
  return {
    wordFor: (verdict) => {
      const { kind, resources, divided } = verdict
      if (kind === 'Gatehouse' || refuses(resources) || lacks(lacked, resources)) return null
      if (kind === 'GatewayRoute') return `${word} ${circuitWord(circuits, objectKey(verdict))}`
      return divided === undefined ? word : `${word} ${dividedWord(divided, dividedBy)}`
    },
    isAwaited: ({ resources }) =>
      expected > 0 && resources.length > 0 && !refuses(resources) && (isShort || lacks(lacked, resources)),
  }
}
