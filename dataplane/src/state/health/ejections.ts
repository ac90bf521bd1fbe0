import type { PassiveCheck } from '@gatehouse/contract'

/** The longest that back-off makes an ejection, unless the first is longer; milliseconds. */
const longest = 300_000

interface Standing {
  /** Requests in a row that failed. */
  faults: number
  /** Ejections, each soon after the one before. */
  ejections: number
  /** Milliseconds of the last. */
  lasted: number
  /** Monotonic; when it came back. */
  returned: number
  /** While it is ejected. */
  timer: NodeJS.Timeout | null
}

/** What ejections need. */
export interface EjectionSources {
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly changed: (address: string, ejected: boolean) => void
}

/**
 * Ejects the addresses of one upstream at which requests fail in a row, by one check, for all rules that check it so
 * (M16): each for a while that doubles if it fails soon again, and never more of them than the check permits.
 */
export class Ejections {
  /** Grows with each change of some address. */
  version = 0
  readonly #check: PassiveCheck
  readonly #sources: EjectionSources
  #addresses: ReadonlySet<string> = new Set()
  /** Of addresses at which something failed. */
  readonly #standings = new Map<string, Standing>()
  #ejected = 0

  constructor(check: PassiveCheck, sources: EjectionSources) {
    this.#check = check
    this.#sources = sources
  }

  /** Knows these addresses, and no others. */
  watch(addresses: readonly string[]): void {
    this.#addresses = new Set(addresses)
    for (const [address, standing] of this.#standings)
      if (!this.#addresses.has(address)) this.#forget(address, standing)
  }

  isEjected(address: string): boolean {
    return this.#standings.get(address)?.timer != null
  }

  /** What became of a request at an address. One that is ejected may be asked all the same; that changes nothing. */
  observe(address: string, good: boolean): void {
    const standing = this.#standings.get(address)
    if (good) {
      if (standing !== undefined && standing.timer === null) standing.faults = 0
      return
    }
    if (standing?.timer != null || !this.#addresses.has(address)) return
    const failing = standing ?? { faults: 0, ejections: 0, lasted: 0, returned: 0, timer: null }
    if (standing === undefined) this.#standings.set(address, failing)
    failing.faults++
    if (failing.faults >= this.#check.consecutiveErrors) this.#eject(address, failing)
  }

  close(): void {
    for (const [address, standing] of this.#standings) this.#forget(address, standing)
  }

  #eject(address: string, standing: Standing): void {
    const { ejectFor, maxEjectionPercent } = this.#check
    if (this.#ejected >= Math.floor((this.#addresses.size * maxEjectionPercent) / 100)) return
    // One that stayed for as long as it was away begins anew.
    const isNew = this.#sources.now() - standing.returned >= standing.lasted
    standing.ejections = isNew ? 1 : standing.ejections + 1
    standing.lasted = Math.min(ejectFor * 2 ** (standing.ejections - 1), Math.max(ejectFor, longest))
    standing.faults = 0
    standing.timer = setTimeout(() => this.#return(address, standing), standing.lasted).unref()
    this.#ejected++
    this.version++
    this.#sources.changed(address, true)
  }

  #return(address: string, standing: Standing): void {
    standing.timer = null
    standing.returned = this.#sources.now()
    this.#ejected--
    this.version++
    this.#sources.changed(address, false)
  }

  #forget(address: string, standing: Standing): void {
    this.#standings.delete(address)
    if (standing.timer === null) return
    clearTimeout(standing.timer)
    this.#ejected--
    this.version++
  }
}
