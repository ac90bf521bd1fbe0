import { readJson } from '@gatehouse/language/json'

/** The claims of a verified token; own properties only. */
export type Claims = Readonly<Record<string, unknown>>

/** A token is no longer than 16 KiB, and no sound one nests so deep. */
const limits = { maxDepth: 32, maxValues: 8192 }

/**
 * The object that a JSON text holds; null when it holds anything else, or something that two readers could see
 * differently, such as a member named twice (RFC 7515 4, RFC 7519 4).
 */
export function jsonObject(text: string): Record<string, unknown> | null {
  try {
    if (!readJson(text, limits).ok) return null
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An own member of an object; undefined when there is none. */
export const own = (object: Claims, member: string): unknown =>
  Object.hasOwn(object, member) ? object[member] : undefined

/** What lies at a path of own members; undefined and null are both "not there". */
export function claimAt(claims: Claims, path: readonly string[]): unknown {
  let value: unknown = claims
  for (const member of path) {
    if (!isObject(value)) return undefined
    value = own(value, member)
  }
  return value ?? undefined
}

/** The text of a claim that is a string, a boolean or a whole number; null for all else. */
export function scalarText(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return String(value)
  return null
}

/** Texts of a claim that is one scalar or a list of them; null when any part is something else. */
export function scalarTexts(value: unknown): readonly string[] | null {
  if (!Array.isArray(value)) {
    const text = scalarText(value)
    return text === null ? null : [text]
  }
  const texts = value.map(scalarText)
  return texts.every((text) => text !== null) ? texts : null
}
