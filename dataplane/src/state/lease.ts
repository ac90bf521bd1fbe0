/** A share in something that lives as long as somebody holds a share. */
export interface Lease<T> {
  readonly value: T
  /** Takes one more share. */
  retain(): void
  /** Gives one share back; each share exactly once. */
  release(): void
}

interface Held<T> extends Lease<T> {
  holders: number
}

/** Things by identity, shared between snapshots (M16). */
export interface Leases<T> {
  /** Takes a share in the thing of this identity, and makes it when there is none. */
  acquire(identity: string, open: () => T): Lease<T>
  values(): IterableIterator<T>
  /** The thing of this identity; null = nobody holds a share. */
  find(identity: string): T | null
}

/** @param close - called with a thing that nobody holds any more */
export function createLeases<T>(close: (value: T, identity: string) => void): Leases<T> {
  const held = new Map<string, Held<T>>()
  const hold = (identity: string, value: T): Held<T> => {
    const lease: Held<T> = {
      value,
      holders: 0,
      retain: () => {
        lease.holders++
      },
      release: () => {
        lease.holders--
        if (lease.holders > 0 || held.get(identity) !== lease) return
        held.delete(identity)
        close(value, identity)
      },
    }
    held.set(identity, lease)
    return lease
  }
  return {
    acquire(identity, open) {
      const lease = held.get(identity) ?? hold(identity, open())
      lease.retain()
      return lease
    },
    find: (identity) => held.get(identity)?.value ?? null,
    *values() {
      for (const { value } of held.values()) yield value
    },
  }
}
