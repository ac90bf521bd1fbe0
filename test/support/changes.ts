/** A list that grows, and that can be waited for. */
export interface Changes<T> {
  readonly all: readonly T[]
  add(item: T): void
  /**
   * The first item, past or future, for which the test holds.
   *
   * @throws Error when there is none within the time, 5,000 milliseconds unless told
   */
  first(test?: (item: T) => boolean, timeout?: number): Promise<T>
  /** The item at this position, past or future. */
  at(index: number, timeout?: number): Promise<T>
}

/** A new, empty list. */
export function changes<T>(): Changes<T> {
  const all: T[] = []
  const watchers = new Set<() => void>()
  const wait = (find: () => { readonly item: T } | null, timeout: number): Promise<T> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = find()
        if (found === null) return
        clearTimeout(timer)
        watchers.delete(look)
        resolve(found.item)
      }
      const timer = setTimeout(() => {
        watchers.delete(look)
        reject(new Error(`none of ${all.length} items is the one awaited within ${timeout} ms`))
      }, timeout)
      watchers.add(look)
      look()
    })
  /** Asks about each item once: a thousand may wait for as many lines. */
  const finder = (test: (item: T) => boolean): (() => { readonly item: T } | null) => {
    let next = 0
    return () => {
      while (next < all.length) {
        const item = all[next++]!
        if (test(item)) return { item }
      }
      return null
    }
  }
  return {
    all,
    add: (item) => {
      all.push(item)
      for (const look of [...watchers]) look()
    },
    first: (test = () => true, timeout = 5000) => wait(finder(test), timeout),
    at: (index, timeout = 5000) => wait(() => (index < all.length ? { item: all[index]! } : null), timeout),
  }
}
