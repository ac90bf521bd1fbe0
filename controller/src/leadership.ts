import type { Authority } from './push/authority.ts'

/** Milliseconds after a change of leaders in which data planes may still be on their way to the new one. */
const settleTime = 30_000

export interface LeadershipOptions {
  /** Who says whether this process leads. */
  readonly authority: Authority
  /** Reads the cluster anew; resolves when that is done. */
  readonly relist: () => Promise<void>
  /** Called when this process may speak in a new term. */
  readonly began: () => void
  /** Called when what was held back for the sake of data planes on their way may be said. */
  readonly settled: () => void
}

/**
 * Whether this controller may speak for the installation: it leads, and has read the cluster since it began to. What it
 * knew before may be older than what another leader has said. Who leads from its start on has read nothing before.
 */
export class Leadership implements Authority {
  readonly #options: LeadershipOptions
  /** The term for which the cluster is being read, or was. */
  #pursued: number | null
  #informed: number | null
  #settling: NodeJS.Timeout | null = null

  constructor(options: LeadershipOptions) {
    this.#options = options
    this.#informed = this.#pursued = options.authority.term()
  }

  term(): number | null {
    const term = this.#options.authority.term()
    return term === this.#informed ? term : null
  }

  /** Whether leaders have just changed, so that a data plane that is not here may well be serving. */
  get settling(): boolean {
    return this.#settling !== null
  }

  /** To be called when the authority changes. */
  changed(): void {
    const term = this.#options.authority.term()
    if (term === this.#pursued) return
    this.#pursued = term
    if (term !== null) void this.#options.relist().then(() => this.#inform(term))
  }

  close(): void {
    this.#pursued = null
    if (this.#settling !== null) clearTimeout(this.#settling)
  }

  #inform(term: number): void {
    if (this.#pursued !== term || this.#options.authority.term() !== term) return
    this.#informed = term
    if (this.#settling !== null) clearTimeout(this.#settling)
    this.#settling = setTimeout(() => {
      this.#settling = null
      this.#options.settled()
    }, settleTime)
    this.#options.began()
  }
}
