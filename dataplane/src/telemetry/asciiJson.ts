const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

/**
 * A JSON string in ASCII: whatever could end a line, move a terminal's cursor or be read differently by another decoder
 * is escaped, also what JSON would let through (DEL, C1, U+2028).
 */
export const quoted = (text: string): string => (plain.test(text) ? `"${text}"` : ascii(JSON.stringify(text)))

/** Room for the routes of a large installation; some of the names are the callers' own, so their length is bounded too. */
const maxRemembered = 16_384
const maxRememberedLength = 256
const remembered = new Map<string, string>()

/** {@link quoted} for what comes again and again, such as names of the configuration and of callers. */
export function quotedName(name: string): string {
  const known = remembered.get(name)
  if (known !== undefined) return known
  // One piece of memory, where a concatenation would be put together again for each line.
  const fresh = ascii(JSON.stringify(name))
  if (name.length > maxRememberedLength) return fresh
  if (remembered.size === maxRemembered) remembered.clear()
  remembered.set(name, fresh)
  return fresh
}

/** The same JSON text with everything but ASCII escaped. */
export const ascii = (json: string): string =>
  json.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
