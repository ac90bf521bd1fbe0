/** How many calls of a store may be on their way at once. */
export interface CallLimits {
  /** Beyond it only those go out that a namespace is sure of. */
  readonly total: number
  readonly perNamespace: number
  /** Calls that a namespace may have on their way whatever others have. */
  readonly guaranteed: number
  /** Never more: the connection takes no more. */
  readonly most: number
}

/**
 * What each namespace has on its way, so that the callers of one cannot make quotas of another do without the store
 * (M16). What is taken is given back exactly once.
 */
export class CallShares {
  readonly #limits: CallLimits
  /** Only of those that have any. */
  readonly #byNamespace = new Map<string, number>()
  #all = 0

  constructor(limits: CallLimits) {
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
