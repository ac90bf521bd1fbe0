/** What counts where a head says both how long its body is and that it is chunked. */
export type Preference = 'length' | 'coding'

/**
 * Reads requests as the most careless of backends would: any of CR LF, LF, CR ends a line, spaces and underscores in names
 * do not matter, and numbers are read as far as they go.
 *
 * @returns the first line of each
 */
export function tolerantReading(bytes: string, preference: Preference): string[] {
  const found: string[] = []
  let at = 0
  const line = (): string | null => {
    if (at >= bytes.length) return null
    const end = /\r\n|\n|\r/g
    end.lastIndex = at
    const match = end.exec(bytes)
    const text = bytes.slice(at, match?.index ?? bytes.length)
    at = match === null ? bytes.length : end.lastIndex
    return text
  }
  const skipChunks = (): void => {
    for (let size = line(); size !== null; size = line()) {
      const length = Number.parseInt(size, 16)
      if (!(length > 0)) break
      at += length
      line()
    }
    while (line());
  }
  for (let first = line(); first !== null; first = line()) {
    if (first === '') continue
    found.push(first)
    const headers = new Map<string, string>()
    for (let text = line(); text; text = line()) {
      const colon = text.indexOf(':')
      const name = text.slice(0, colon).trim().toLowerCase().replaceAll('_', '-')
      headers.set(name, text.slice(colon + 1).trim())
    }
    const length = Number.parseInt(headers.get('content-length') ?? '', 10)
    const chunked = headers.get('transfer-encoding')?.includes('chunked') ?? false
    if (chunked && (preference === 'coding' || Number.isNaN(length))) skipChunks()
    else if (length > 0) at += length
  }
  return found
}
