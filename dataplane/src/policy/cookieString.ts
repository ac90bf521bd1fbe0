/** RFC 6265 4.1.1: what a value may consist of. One in quotes is none: some readers take them off and some do not. */
const value = /^[!#-+\--:<-[\]-~]*$/

/** What a Cookie header says of one name: its value, null = it is not there. */
export type FoundCookie = { readonly text: string } | 'malformed' | 'twice' | null

/** The name as the most lenient reader sees it, so that none of them finds a second cookie of it. */
const nameOf = (pair: string): string => {
  const equals = pair.indexOf('=')
  return (equals === -1 ? pair : pair.slice(0, equals)).trim()
}

/**
 * Finds a cookie by its exact name (RFC 6265 4.2.1). What is between `;` is taken for a pair, and one with spaces around
 * the name, in quotes, or with characters that no value has is malformed: two readers could see different values in it.
 *
 * @param header - the value of a Cookie header
 */
export function findCookie(header: string, name: string): FoundCookie {
  if (!header.includes(name)) return null
  let found: FoundCookie = null
  for (const [index, pair] of header.split(';').entries()) {
    if (nameOf(pair) !== name) continue
    if (found !== null) return 'twice'
    const bare = index > 0 && pair.startsWith(' ') ? pair.slice(1) : pair
    const text = bare.slice(name.length + 1)
    found = bare.startsWith(`${name}=`) && value.test(text) ? { text } : 'malformed'
  }
  return found
}

/** The header without cookies of these names, all else byte for byte; null when nothing is left. */
export function withoutCookies(header: string, names: readonly string[]): string | null {
  if (!names.some((name) => header.includes(name))) return header
  const pairs = header.split(';')
  const kept = pairs.filter((pair) => !names.includes(nameOf(pair)))
  if (kept.length === pairs.length) return header
  const text = kept.join(';')
  const rest = kept[0] === pairs[0] ? text : text.trimStart()
  return rest === '' ? null : rest
}
