/** Most parameters of a query. */
const maxParameters = 256

/**
 * Reads a query as a form would write it (WHATWG URL 5.1): names and values decoded once, `+` a space.
 *
 * @param query - with its `?`, or empty
 * @returns values by name, in order of appearance; null for a bad escape, bytes that are no UTF-8, and too many parameters
 */
export function parametersIn(query: string): ReadonlyMap<string, readonly string[]> | null {
  const parameters = new Map<string, string[]>()
  if (query.length < 2) return parameters
  const pairs = query.slice(1).split('&')
  if (pairs.length > maxParameters) return null
  for (const pair of pairs) {
    if (pair === '') continue
    const mark = pair.indexOf('=')
    const name = decoded(mark === -1 ? pair : pair.slice(0, mark))
    const value = mark === -1 ? '' : decoded(pair.slice(mark + 1))
    if (name === null || value === null) return null
    const known = parameters.get(name)
    if (known === undefined) parameters.set(name, [value])
    else known.push(value)
  }
  return parameters
}

function decoded(text: string): string | null {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return null
  }
}

/** Some readers take `name[]` and `name[x]` for `name`. @returns the name that they would see; null when it is the same */
export function bracketedName(name: string): string | null {
  const bracket = name.indexOf('[')
  return bracket < 1 ? null : name.slice(0, bracket).trim()
}
