const token = /^[\w!#$%&'*+.^`|~-]+$/

/**
 * The `for` of each element of Forwarded (RFC 7239), in order: what each hop says of the one before it.
 *
 * @param values - of the field, in order of appearance
 * @returns an empty text for an element that names none, or two; null when the field cannot be read
 */
export function forwardedNodes(values: readonly string[]): string[] | null {
  const text = values.join(',')
  const nodes: string[] = []
  let node: string | null = null
  let twice = false
  const close = (): void => {
    nodes.push(twice ? '' : (node ?? ''))
    node = null
    twice = false
  }
  for (let at = 0; ;) {
    at = skipSpace(text, at)
    const equals = text.indexOf('=', at)
    if (equals > at && token.test(text.slice(at, equals))) {
      const value = readValue(text, equals + 1)
      if (value === null) return null
      if (text.slice(at, equals).toLowerCase() === 'for') {
        twice ||= node !== null
        node = value.text
      }
      at = skipSpace(text, value.end)
    }
    if (at === text.length) {
      close()
      return nodes
    }
    const separator = text[at++]
    if (separator === ',') close()
    else if (separator !== ';') return null
  }
}

function skipSpace(text: string, at: number): number {
  while (text[at] === ' ' || text[at] === '\t') at++
  return at
}

/** A token or a quoted string (RFC 9110 5.6.4), without its escapes. */
function readValue(text: string, start: number): { readonly text: string; readonly end: number } | null {
  if (text[start] !== '"') {
    let end = start
    while (end < text.length && !',; \t'.includes(text[end]!)) end++
    const value = text.slice(start, end)
    return token.test(value) ? { text: value, end } : null
  }
  let value = ''
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '"') return { text: value, end: at + 1 }
    if (text[at] === '\\') at++
    value += text[at] ?? ''
  }
  return null
}
