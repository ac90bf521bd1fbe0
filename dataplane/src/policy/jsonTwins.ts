/**
 * Whether some object in a JSON text names a member twice. JSON.parse takes the last and others the first, so that two
 * readers of one signed text could see two callers.
 *
 * @param text - which JSON.parse reads
 */
export function hasTwins(text: string): boolean {
  /** The names of the objects around; null for a list. */
  const around: (Set<string> | null)[] = []
  tokens.lastIndex = 0
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const token = match[0]
    if (token === '{') around.push(new Set())
    else if (token === '[') around.push(null)
    else if (token === '}' || token === ']') around.pop()
    else if (match[1] !== undefined && isTwin(around.at(-1), match[2]!)) return true
  }
  return false
}

/** Brackets, and whole strings, so that what stands inside one is passed over; those before a colon are names. */
const tokens = /[{}[\]]|("([^"\\]*(?:\\.[^"\\]*)*)"\s*:)|"[^"\\]*(?:\\.[^"\\]*)*"/g

function isTwin(names: Set<string> | null | undefined, written: string): boolean {
  const name = written.includes('\\') ? (JSON.parse(`"${written}"`) as string) : written
  if (names?.has(name)) return true
  names?.add(name)
  return false
}
