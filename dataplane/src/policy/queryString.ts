/** What a query says of one parameter: its value, null = it is not there. */
export type FoundParameter = { readonly text: string } | 'malformed' | 'twice' | null

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Decodes application/x-www-form-urlencoded once, strictly; null for bad escapes and what is no UTF-8. */
const decoded = (text: string): string | null => percentDecoded(text.includes('+') ? text.replaceAll('+', ' ') : text)

/** Decodes percent escapes (RFC 3986 2.1) once, strictly; null for bad escapes and what is no UTF-8. */
export function percentDecoded(text: string): string | null {
  if (!text.includes('%')) return text
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return null
  const bytes = text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  try {
    return decoder.decode(Buffer.from(bytes, 'latin1'))
  } catch {
    return null
  }
}

/** Whether a part of a query is the parameter of this name, however the name is written. */
function isNamed(part: string, name: string): boolean {
  const equals = part.indexOf('=')
  const written = equals === -1 ? part : part.slice(0, equals)
  if (written.length === name.length) return written === name
  const mayBe = written.length <= 3 * name.length && written.includes('%')
  return mayBe && decoded(written) === name
}

/** Whether it can hold the parameter at all: for all other queries nothing is split. */
const mayHold = (query: string, name: string): boolean => query.includes(name) || query.includes('%')

/**
 * Finds a parameter by its name, percent-encoded or not (RFC 3986 2.3 makes both the same).
 *
 * @param query - with its `?`, or empty; ASCII
 * @param name - unreserved characters
 */
export function findParameter(query: string, name: string): FoundParameter {
  if (query === '' || !mayHold(query, name)) return null
  let found: FoundParameter = null
  for (const part of query.slice(1).split('&')) {
    if (!isNamed(part, name)) continue
    if (found !== null) return 'twice'
    const equals = part.indexOf('=')
    const text = equals === -1 ? '' : decoded(part.slice(equals + 1))
    found = text === null ? 'malformed' : { text }
  }
  return found
}

/** What a query says of each of its parameters, by decoded name; null when a name cannot be decoded. */
export function parametersOf(query: string): ReadonlyMap<string, NonNullable<FoundParameter>> | null {
  const all = new Map<string, NonNullable<FoundParameter>>()
  for (const part of query.slice(1).split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = decoded(equals === -1 ? part : part.slice(0, equals))
    if (name === null) return null
    const text = equals === -1 ? '' : decoded(part.slice(equals + 1))
    all.set(name, all.has(name) ? 'twice' : text === null ? 'malformed' : { text })
  }
  return all
}

/** The query without parameters of these names, all else byte for byte; empty when nothing is left. */
export function withoutParameters(query: string, names: readonly string[]): string {
  if (query === '' || !names.some((name) => mayHold(query, name))) return query
  const parts = query.slice(1).split('&')
  const kept = parts.filter((part) => !names.some((name) => isNamed(part, name)))
  if (kept.length === parts.length) return query
  return kept.length === 0 ? '' : `?${kept.join('&')}`
}
