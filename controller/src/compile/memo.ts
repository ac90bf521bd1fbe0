/**
 * Remembers what was made of an object for as long as the object lives. World objects never change, they are replaced,
 * so a compilation costs only what is new, and equal input still gives equal output.
 */
export function memoised<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { readonly value: V }>()
  return (key) => {
    const hit = known.get(key)
    if (hit) return hit.value
    const value = make(key)
    known.set(key, { value })
    return value
  }
}

type Members = { readonly [key: string]: unknown }

function sameMembers(a: Members, b: Members): boolean {
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  for (const key of keys) if (!Object.hasOwn(b, key) || !sameJson(a[key], b[key])) return false
  return true
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index += 1) if (!sameJson(a[index], b[index])) return false
  return true
}

/** Whether two JSON values are equal; the same object is, without a look inside. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) return Array.isArray(b) && sameItems(a, b)
  return !Array.isArray(b) && sameMembers(a as Members, b as Members)
}
