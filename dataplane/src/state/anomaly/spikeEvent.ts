import type { Anomaly } from '@gatehouse/contract'

/** A part of a key; null = its requests lack it. */
export interface KeyPart {
  readonly type: Anomaly['keys'][number]
  readonly value: string | null
}

/** That the requests of a key have become a spike, or are none any more. */
export interface SpikeEvent {
  /** The same however often it is sent. */
  readonly id: string
  readonly change: 'started' | 'ended'
  /** `namespace/name`. */
  readonly policy: string
  readonly key: readonly KeyPart[]
  /** Of the busiest minute so far. */
  readonly requests: number
  /** What one minute may have at most. */
  readonly limit: number
  /** Milliseconds since the epoch. */
  readonly since: number
  readonly at: number
}

/** How a part that is too long is written: `#` and the hexadecimal digits of its hash. */
const hashed = 65

/** @param key - of parts that carry their length, are `-`, or the hash of what is too long */
export function keyParts(types: Anomaly['keys'], key: string): KeyPart[] {
  let rest = key
  return types.map((type) => {
    if (rest.startsWith('-')) {
      rest = rest.slice(1)
      return { type, value: null }
    }
    if (rest.startsWith('#')) {
      const value = rest.slice(0, hashed)
      rest = rest.slice(hashed)
      return { type, value }
    }
    const colon = rest.indexOf(':')
    const end = colon + 1 + Number(rest.slice(0, colon))
    const value = rest.slice(colon + 1, end)
    rest = rest.slice(end)
    return { type, value }
  })
}
