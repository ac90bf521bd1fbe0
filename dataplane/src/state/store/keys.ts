import { hash } from 'node:crypto'

/** Longer values are told apart by their hash. */
const longestValue = 128

/** Writes the keys of an installation. All lie on one node of a Cluster, by their tag (hash tags of the Cluster specification). */
export interface StoreKeys {
  /**
   * @param counter - what names a counter (M16), of any length
   * @param value - the parts of a request that are counted by, written so that no two are alike
   */
  count(counter: string, value: string): string
  /** @param credential - what names one that counts once */
  mark(credential: string): string
  readonly probe: string
}

const counters = new Map<string, string>()
const mostCounters = 100_000

/** Hashing a counter's name once is enough. */
function counterHash(counter: string): string {
  let known = counters.get(counter)
  if (known === undefined) {
    if (counters.size >= mostCounters) counters.clear()
    counters.set(counter, (known = hash('sha256', counter, 'base64url').slice(0, 22)))
  }
  return known
}

/** @param installation - `namespace/name` */
export function storeKeys(installation: string): StoreKeys {
  const tag = `gatehouse:{${installation}}`
  return {
    count: (counter, value) => {
      const short = value.length <= longestValue ? `=${value}` : `#${hash('sha256', value, 'base64url')}`
      return `${tag}:q:${counterHash(counter)}${short}`
    },
    mark: (credential) => `${tag}:once:${hash('sha256', credential, 'base64url')}`,
    probe: `${tag}:probe`,
  }
}
