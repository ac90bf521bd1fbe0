/** Into how many maps the entries are spread: so large is the part that is copied where one of them changes. */
const shardCount = 128

const shardOf = (key: string): number => {
  let hash = 0
  for (let at = 0; at < key.length; at += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0
  return hash & (shardCount - 1)
}

type Shards<V> = readonly ReadonlyMap<string, V>[]

const shardsOf = new WeakMap<ReadonlyMap<string, unknown>, Shards<unknown>>()

function spread<V>(entries: ReadonlyMap<string, V>): Shards<V> {
  const shards = Array.from({ length: shardCount }, () => new Map<string, V>())
  for (const [key, value] of entries) shards[shardOf(key)]!.set(key, value)
  return shards
}

function over<V>(shards: Shards<V>, size: number): ReadonlyMap<string, V> {
  function* entries(): Generator<[string, V], undefined> {
    for (const shard of shards) yield* shard
  }
  function* keys(): Generator<string, undefined> {
    for (const shard of shards) yield* shard.keys()
  }
  function* values(): Generator<V, undefined> {
    for (const shard of shards) yield* shard.values()
  }
  const map: ReadonlyMap<string, V> = {
    size,
    get: (key) => shards[shardOf(key)]!.get(key),
    has: (key) => shards[shardOf(key)]!.has(key),
    forEach: (call) => {
      for (const shard of shards) shard.forEach((value, key) => call(value, key, map))
    },
    entries,
    keys,
    values,
    [Symbol.iterator]: entries,
  }
  shardsOf.set(map, shards)
  return map
}

/**
 * A map with some changes to another one, which is never changed itself: it shares all but the neighbours of what
 * changed. Its order is its own.
 *
 * @param base - not to be changed afterwards
 */
export function sharedMap<V>(
  base: ReadonlyMap<string, V>,
  removed: Iterable<string>,
  set: Iterable<readonly [string, V]>,
): ReadonlyMap<string, V> {
  const shards = [...((shardsOf.get(base) as Shards<V> | undefined) ?? spread(base))]
  const copies = new Map<number, Map<string, V>>()
  const copyFor = (key: string): Map<string, V> => {
    const at = shardOf(key)
    const copy = copies.get(at) ?? new Map(shards[at])
    copies.set(at, copy)
    shards[at] = copy
    return copy
  }
  let { size } = base
  for (const key of removed) if (copyFor(key).delete(key)) size -= 1
  for (const [key, value] of set) {
    const copy = copyFor(key)
    if (!copy.has(key)) size += 1
    copy.set(key, value)
  }
  return over(shards, size)
}
