import type { Json } from '@gatehouse/contract'

/** Readers of JSON that has no schema of ours: they take what is there and never throw. */

type Members = { readonly [key: string]: Json }

export const isMembers = (value: Json | undefined): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object's own member; undefined when there is none or the value is no object. */
export const member = (value: Json | undefined, key: string): Json | undefined =>
  isMembers(value) && Object.hasOwn(value, key) ? value[key] : undefined

/** The entries of an object; none when the value is no object. */
export const membersOf = (value: Json | undefined): readonly (readonly [string, Json])[] =>
  isMembers(value) ? Object.entries(value) : []

/** The entries of a list; none when the value is no list. */
export const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : [])

export const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined)

export const integerOf = (value: Json | undefined): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined

/** JSON of a text; undefined when it is none. */
export function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

const membersIn = (value: Json): number => {
  const inner = isMembers(value) ? Object.values(value) : listOf(value)
  return (isMembers(value) ? inner.length : 0) + inner.reduce((sum: number, one) => sum + membersIn(one), 0)
}

/** {@link jsonOf} of a text in which no object has a member twice: nobody can say which of the two is meant. */
export function jsonOfOnce(text: string): Json | undefined {
  const value = jsonOf(text)
  if (value === undefined) return undefined
  // In JSON a string before a colon is the name of a member, and nothing else is.
  const names = [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon !== undefined)
  return names.length === membersIn(value) ? value : undefined
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The UTF-8 text that base64 stands for; undefined when it is not base64 or not UTF-8. */
export function decodedText(base64: Json | undefined): string | undefined {
  if (typeof base64 !== 'string' || !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(base64)) return undefined
  try {
    return utf8.decode(Buffer.from(base64, 'base64'))
  } catch {
    return undefined
  }
}
