/** What one namespace may still spend on one kind of thing, in bytes of the configuration that data planes are sent. */
export interface Purse {
  /** False, and nothing paid, when it does not fit. */
  pay(bytes: number): boolean
  /** Pays for something that many use: the first time, and never again. */
  payOnce(key: string, bytes: number): boolean
  /** Pays also from what is kept for refusing. */
  payRefusal(bytes: number): boolean
  /** Where it stands; for {@link Purse.undo}. */
  mark(): Mark
  /** Takes back what was paid for since the mark, refusals aside. */
  undo(mark: Mark): void
  /** Bytes spent. */
  spent(): number
  /** The smallest limit under which everything would have gone as it did. */
  demand(): number
  /**
   * What it would come to if something that was paid for cost so many bytes more, or fewer; null when something else
   * might then have fitted, or not.
   */
  adjusted(bytes: number): Pick<Purse, 'spent' | 'demand'> | null
}

export interface Mark {
  readonly content: number
  readonly shared: number
}

/**
 * @param limit - bytes
 * @param kept - the share of it that only refusals may use, 0 to 1
 */
export function purseOf(limit: number, kept: number): Purse {
  const shared = new Set<string>()
  let content = 0
  let refusals = 0
  let refused = false
  const fits = (bytes: number): boolean => content + bytes <= limit * (1 - kept) && content + refusals + bytes <= limit
  const pay = (bytes: number): boolean => {
    if (!fits(bytes)) {
      refused = true
      return false
    }
    content += bytes
    return true
  }
  const demandOf = (paid: number): number => Math.max(paid + refusals, Math.ceil(paid / (1 - kept)))
  return {
    pay,
    payOnce(key, bytes) {
      if (shared.has(key)) return true
      if (!pay(bytes)) return false
      shared.add(key)
      return true
    },
    payRefusal(bytes) {
      if (content + refusals + bytes > limit) return false
      refusals += bytes
      return true
    },
    mark: () => ({ content, shared: shared.size }),
    undo(mark) {
      content = mark.content
      for (const key of [...shared].slice(mark.shared)) shared.delete(key)
    },
    spent: () => content + refusals,
    demand: () => demandOf(content),
    adjusted: (bytes) =>
      refused || refusals > 0 || !fits(bytes)
        ? null
        : { spent: () => content + bytes, demand: () => demandOf(content + bytes) },
  }
}
