import { hash } from 'node:crypto'

/** A credential that counts once. */
export interface SingleUse {
  /** Id of the principal (M5). */
  readonly principal: string
  /** What names the credential among those of its principal. */
  readonly id: string
  /** Milliseconds since the epoch from which on nobody would take it any more. */
  readonly until: number
}

/** `first`: it is marked now. `full`: it cannot be remembered, `unknown`: nobody says whether it is; so it must not count. */
export type Marking = 'first' | 'seen' | 'full' | 'unknown'

/** What names a credential among all of an installation. */
export const useKey = ({ principal, id }: SingleUse): string =>
  hash('sha256', JSON.stringify([principal, id]), 'base64')

/** Who remembers which credentials were used. One call asks and marks, so that of two at once one passes. */
export interface Replays {
  /** @param now - milliseconds since the epoch */
  mark(use: SingleUse, now: number): Marking
}

const defaultLimit = 100_000
/** Milliseconds between two looks for what has expired, once it is full. */
const rest = 1000
const fewest = 1024

/**
 * Remembers in this process alone, at most `limit` credentials. None is forgotten before it has expired: one forgotten
 * early could be used again.
 */
export function createReplays(limit: number = defaultLimit): Replays {
  const used = new Map<string, number>()
  // Looking costs as much as there is, so it waits until there is twice as much as was left by the last look.
  let lookAt = Math.min(fewest, limit)
  let lookedAt = -Infinity
  const look = (now: number): void => {
    for (const [key, until] of used) if (until <= now) used.delete(key)
    lookAt = Math.min(Math.max(fewest, 2 * used.size), limit)
    lookedAt = now
  }
  return {
    mark(use, now) {
      const { until } = use
      const key = useKey(use)
      const known = used.get(key)
      if (known !== undefined && now < known) return 'seen'
      if (known === undefined) {
        if (used.size >= lookAt && (used.size < limit || now >= lookedAt + rest || now < lookedAt)) look(now)
        if (used.size >= limit) return 'full'
      }
      used.set(key, until)
      return 'first'
    },
  }
}
