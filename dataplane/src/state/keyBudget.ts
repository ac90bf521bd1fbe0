/** Keys that may still be remembered. */
export interface KeyBudget {
  readonly isSpent: boolean
  take(): void
  giveBack(keys: number): void
}

export interface KeyLimits {
  /** Most keys of one counter. */
  perTable: number
  /** Most keys of the policies of one namespace, so that no tenant takes the room of another. */
  perNamespace: number
  total: number
  /** Keys that a namespace may have whatever others have. */
  guaranteed: number
}

interface Share {
  keys: number
}

/** What is left for the keys of one counter. */
class Purse implements KeyBudget {
  readonly #limits: KeyLimits
  readonly #namespace: Share
  readonly #all: Share
  #keys = 0

  constructor(limits: KeyLimits, namespace: Share, all: Share) {
    this.#limits = limits
    this.#namespace = namespace
    this.#all = all
  }

  get isSpent(): boolean {
    const { perTable, perNamespace, total, guaranteed } = this.#limits
    if (this.#keys >= perTable || this.#namespace.keys >= perNamespace) return true
    return this.#all.keys >= total && this.#namespace.keys >= guaranteed
  }

  take(): void {
    this.#keys++
    this.#namespace.keys++
    this.#all.keys++
  }

  giveBack(keys: number): void {
    this.#keys -= keys
    this.#namespace.keys -= keys
    this.#all.keys -= keys
  }
}

/** @param limits - read anew with each key @returns what the counter of a policy of a namespace may take */
export function keyBudgets(limits: KeyLimits): (namespace: string) => KeyBudget {
  const all: Share = { keys: 0 }
  const namespaces = new Map<string, Share>()
  return (namespace) => {
    const share = namespaces.get(namespace) ?? { keys: 0 }
    namespaces.set(namespace, share)
    return new Purse(limits, share, all)
  }
}
