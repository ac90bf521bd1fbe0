import type { Snapshot } from '@gatehouse/contract'

/** How many published snapshots are kept: a data plane that holds one of them is sent a difference. */
const kept = 8

/** The newest snapshots by revision. They share their resources, so keeping some costs little. */
export class History {
  readonly #snapshots = new Map<string, Snapshot>()
  #newest: Snapshot | null = null

  /** @returns false when this revision is already the newest */
  add(snapshot: Snapshot): boolean {
    if (this.#newest?.revision === snapshot.revision) return false
    this.#newest = snapshot
    this.#snapshots.delete(snapshot.revision)
    this.#snapshots.set(snapshot.revision, snapshot)
    const [oldest] = this.#snapshots.keys()
    if (this.#snapshots.size > kept && oldest !== undefined) this.#snapshots.delete(oldest)
    return true
  }

  /** Null until the first is added. */
  get newest(): Snapshot | null {
    return this.#newest
  }

  find(revision: string | null): Snapshot | null {
    return revision === null ? null : (this.#snapshots.get(revision) ?? null)
  }
}
