/** What an expression comes to whose facts are lacking, unreadable or of another type than it needs. */
export const failed: unique symbol = Symbol('failed')

/** A member of a map that nobody may ask for: not even whether it is there. */
export const hidden: unique symbol = Symbol('hidden')

/** What one evaluation may still spend; a request's expressions share one. */
export interface CelBudget {
  left: number
}

/** @returns false when it is spent */
export function spend(budget: CelBudget, cost: number): boolean {
  budget.left -= cost
  return budget.left >= 0
}

/** What looking through a text costs: one for each 32 characters. */
export const textCost = (length: number): number => 1 + (length >> 5)

/** Deeper values are not compared: they are never what anybody wrote. */
const maxDepth = 32

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map)

/** Whether two values are equal; values of different kinds are not (CEL, heterogeneous equality). */
export function equal(a: unknown, b: unknown, budget: CelBudget, depth = 0): boolean | typeof failed {
  if (a === failed || b === failed || depth > maxDepth) return failed
  if (typeof a === 'string' && typeof b === 'string') {
    return spend(budget, a.length === b.length ? textCost(a.length) : 1) ? a === b : failed
  }
  if (!spend(budget, 1)) return failed
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return false
    return every(a, (item: unknown, index) => equal(item, b[index], budget, depth + 1))
  }
  if (isRecord(a) && isRecord(b)) {
    const keys = Object.keys(a)
    if (keys.length !== Object.keys(b).length) return false
    return every(keys, (key) => Object.hasOwn(b, key) && equal(a[key], b[key], budget, depth + 1))
  }
  return a === b
}

function every<T>(
  items: readonly T[],
  holds: (item: T, index: number) => boolean | typeof failed,
): boolean | typeof failed {
  for (const [index, item] of items.entries()) {
    const held = holds(item, index)
    if (held !== true) return held
  }
  return true
}

/** Negative, 0 or positive; texts by code points. */
export function compare(a: unknown, b: unknown, budget: CelBudget): number | typeof failed {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a !== 'string' || typeof b !== 'string') return failed
  if (!spend(budget, textCost(Math.min(a.length, b.length)) << 3)) return failed
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** The member of a map or of a JSON object; `failed` when there is none. */
export function memberOf(object: unknown, key: unknown): unknown {
  if (typeof key !== 'string') return failed
  if (object instanceof Map) {
    const value: unknown = object.get(key)
    return value === undefined || value === hidden ? failed : value
  }
  return isRecord(object) && Object.hasOwn(object, key) ? (object[key] ?? null) : failed
}

/** Whether a map or a JSON object has a member. */
export function hasMember(object: unknown, key: unknown): boolean | typeof failed {
  if (typeof key !== 'string') return failed
  if (object instanceof Map) return object.get(key) === hidden ? failed : object.has(key)
  return isRecord(object) ? Object.hasOwn(object, key) : failed
}

/** What a comprehension goes through: the items of a list, the keys of a map; null for all else. */
export function itemsOf(range: unknown): readonly unknown[] | null {
  if (Array.isArray(range)) return range
  if (range instanceof Map) return [...range.keys()]
  return isRecord(range) ? Object.keys(range) : null
}
