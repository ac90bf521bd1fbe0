/** What readers may take for one header. */
export interface HeaderReading {
  /** By each of its names, all its lines together (RFC 9110 5.2). */
  readonly byName: ReadonlyMap<string, string>
  /** Each line that some reader takes for all of it. */
  readonly lines: readonly string[]
}

/** By {@link headerKey}; headers of one line and one name with nothing but letters, digits and `-` are not in it. */
export type HeaderReadings = ReadonlyMap<string, HeaderReading>

const odd = /[^a-z0-9-]/

/** What all names have in common that CGI makes the same variable of. @param name - in lower case */
export const headerKey = (name: string): string => (odd.test(name) ? name.replaceAll(/[^a-z0-9-]/g, '-') : name)

const nothing: HeaderReadings = new Map()

/** @param headers - values by lower-case name */
export function headerReadings(headers: ReadonlyMap<string, readonly string[]>): HeaderReadings {
  const doubtful = new Set<string>()
  for (const [name, { length }] of headers) if (length > 1 || odd.test(name)) doubtful.add(headerKey(name))
  if (doubtful.size === 0) return nothing
  const readings = new Map<string, { byName: Map<string, string>; lines: string[] }>()
  for (const [name, values] of headers) {
    const key = headerKey(name)
    if (!doubtful.has(key)) continue
    const reading = readings.get(key) ?? { byName: new Map<string, string>(), lines: [] }
    readings.set(key, reading)
    reading.byName.set(name, values.join(', '))
    reading.lines.push(...values)
  }
  return readings
}
