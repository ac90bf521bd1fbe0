import type { SignedRevision, Snapshot } from '@gatehouse/contract'
import type { Authority } from './authority.ts'
import { History } from './history.ts'
import { signStatement, type Signer } from './signer.ts'

/** A snapshot and what the leader states of it. */
export interface Publication {
  readonly snapshot: Snapshot
  readonly signed: SignedRevision
}

export interface PublicationsOptions {
  /** `namespace/name`. */
  readonly installation: string
  readonly authority: Authority
  readonly signer: Signer
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** What this controller has published: the snapshots that are remembered, and the statement in force. */
export class Publications {
  readonly #options: PublicationsOptions
  readonly #history = new History()
  #signer: Signer
  #signed: SignedRevision | null = null

  constructor(options: PublicationsOptions) {
    this.#options = options
    this.#signer = options.signer
  }

  /** The newest snapshot, published or not; null before the first. */
  get newest(): Snapshot | null {
    return this.#history.newest
  }

  find(revision: string | null): Snapshot | null {
    return this.#history.find(revision)
  }

  /** Whether this process leads now. */
  get leads(): boolean {
    return this.#options.authority.term() !== null
  }

  /** What data planes are to have. Null unless it was published in the term that lasts now. */
  get current(): Publication | null {
    const { newest } = this.#history
    if (newest === null || this.#signed === null) return null
    const holds = this.#signed.term === this.#options.authority.term() && this.#signed.revision === newest.revision
    return holds ? { snapshot: newest, signed: this.#signed } : null
  }

  /**
   * Makes this the newest snapshot. One who does not lead only remembers it, so that it can send differences once it does.
   *
   * @returns false when there is nothing new to send
   */
  add(snapshot: Snapshot): boolean {
    this.#history.add(snapshot)
    return this.current === null && this.#state(snapshot)
  }

  /** States the newest snapshot anew, with a later time. @returns false when there is nothing to state */
  renew(): boolean {
    const { current } = this
    return current !== null && this.#state(current.snapshot)
  }

  replaceSigner(signer: Signer): void {
    this.#signer = signer
  }

  #state({ revision }: Snapshot): boolean {
    const { authority, installation, now } = this.#options
    const term = authority.term()
    if (term === null) return false
    const sequence = this.#signed?.term === term ? this.#signed.sequence + 1 : 1
    this.#signed = signStatement(this.#signer, { installation, term, sequence, revision, issuedAt: now() })
    return true
  }
}
