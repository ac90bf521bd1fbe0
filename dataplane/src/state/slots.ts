import { createLeases, type Lease } from './lease.ts'

/** Something that is kept while a request runs. */
export interface Kept {
  /** Gives it back; exactly once. */
  release(): void
}

/** The running requests of one policy, by key. */
export interface SlotTable {
  /** How many requests of a key run. */
  taken(key: string): number
  /** Takes one more, whatever the limit is. */
  take(key: string): Kept
}

/**
 * The running requests of all policies. They survive snapshots and a change of the limit (M16): what a policy's requests
 * have taken is known for as long as one of them runs, whatever becomes of the policy.
 */
export interface Slots {
  /** @param identity - of the count: policy and keys */
  acquire(identity: string): Lease<SlotTable>
  /** Slots that are taken, those of one request under several policies several times. */
  taken(): number
}

/** The requests of one key; it exists only while one runs, so that there are never more keys than requests. */
class Key implements Kept {
  taken = 0
  readonly #name: string
  readonly #table: Table

  constructor(name: string, table: Table) {
    this.#name = name
    this.#table = table
  }

  release(): void {
    this.taken--
    this.#table.gaveBack(this.#name, this.taken)
  }
}

class Table implements SlotTable {
  readonly #keys = new Map<string, Key>()
  readonly #sum: { taken: number }
  readonly #emptied: () => void

  /** @param emptied - called when the last request is over */
  constructor(sum: { taken: number }, emptied: () => void) {
    this.#sum = sum
    this.#emptied = emptied
  }

  get isEmpty(): boolean {
    return this.#keys.size === 0
  }

  taken(key: string): number {
    return this.#keys.get(key)?.taken ?? 0
  }

  take(key: string): Kept {
    let slots = this.#keys.get(key)
    if (slots === undefined) {
      slots = new Key(key, this)
      this.#keys.set(key, slots)
    }
    slots.taken++
    this.#sum.taken++
    return slots
  }

  gaveBack(key: string, left: number): void {
    this.#sum.taken--
    if (left > 0) return
    this.#keys.delete(key)
    if (this.isEmpty) this.#emptied()
  }
}

export function createSlots(): Slots {
  const sum = { taken: 0 }
  /** Of policies that no snapshot has any more, or has anew at any time. */
  const left = new Map<string, Table>()
  const leases = createLeases<Table>((table, identity) => {
    if (!table.isEmpty) left.set(identity, table)
  })
  return {
    acquire: (identity) =>
      leases.acquire(identity, () => {
        const running = left.get(identity)
        left.delete(identity)
        return running ?? new Table(sum, () => left.delete(identity))
      }),
    taken: () => sum.taken,
  }
}
