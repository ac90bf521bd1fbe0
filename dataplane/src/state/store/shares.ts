/** How many of something there may be at once, such as calls of a store on their way. */
export interface ShareLimits {
  /** Beyond it there are only those that a namespace is sure of. */
  readonly total: number
  readonly perNamespace: number
  /** What a namespace may have whatever others have. */
  readonly guaranteed: number
  /** Never more. */
  readonly most: number
}

/**
 * What each namespace has, so that the callers of one cannot make quotas of another do without the store or without leases
 * (M16). What is taken is given back exactly once.
 */
export class Shares {
  readonly #limits: ShareLimits
  /** Only of those that have any. */
  readonly #byNamespace = new Map<string, number>()
  #all = 0

  constructor(limits: ShareLimits) {
    this.#limits = limits
  }

  /** @param namespace - whose request asks; empty = nobody's @returns whether there was room */
  take(namespace: string): boolean {
    const { total, perNamespace, guaranteed, most } = this.#limits
    const own = this.#byNamespace.get(namespace) ?? 0
    if (this.#all >= most || own >= (this.#all < total ? perNamespace : guaranteed)) return false
    this.#byNamespace.set(namespace, own + 1)
    this.#all++
    return true
  }

  giveBack(namespace: string): void {
    const own = this.#byNamespace.get(namespace) ?? 0
    if (own > 1) this.#byNamespace.set(namespace, own - 1)
    else this.#byNamespace.delete(namespace)
    this.#all--
  }
}
