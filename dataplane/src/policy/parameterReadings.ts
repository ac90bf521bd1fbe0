import { bracketedName } from './query.ts'
import { percentDecoded } from './queryString.ts'

/** What readers of a query may take for one parameter. */
export interface ParameterReading {
  /** The name, decoded, as it is written first. */
  readonly name: string
  /** Every value that some reader sees: more than one where the parameter is repeated or can be split. */
  readonly values: readonly string[]
  /** Whether a value has a bad escape or bytes that are no UTF-8, which each reader mends in its own way. */
  readonly malformed: boolean
  /** Whether it is there once, in one piece, so that all who know it by its name see the same value. */
  readonly plain: boolean
}

/** By {@link looseName}. */
export type ParameterReadings = ReadonlyMap<string, ParameterReading>

/** Most parameters of a query that is looked into: readers have limits of their own, at which they begin to differ. */
const maxParameters = 256

/**
 * What all names have in common that some reader takes for the same: PHP cuts at `[`, writes `_` for what no variable has
 * in its name, and ends a name at NUL; ASP.NET ignores case.
 */
export const looseName = (name: string): string => mended(bracketedName(name) ?? name)

const mended = (name: string): string =>
  name
    .split('\0', 1)[0]!
    .trim()
    .toLowerCase()
    .replaceAll(/[. [\t]/g, '_')

interface Growing {
  readonly name: string
  readonly values: string[]
  malformed: boolean
  plain: boolean
}

/**
 * Reads a query as everybody behind the gateway may read it: as a form (WHATWG URL 5.1), names and values decoded once
 * and `+` a space, and beside that with `;` between parameters too.
 *
 * @param query - with its `?`, or empty
 * @returns null for more parameters than all readers take
 */
export function parameterReadings(query: string): ParameterReadings | null {
  const readings = new Map<string, Growing>()
  if (query.length < 2) return readings
  if (query.split(/[&;]/, maxParameters + 1).length > maxParameters) return null
  for (const part of query.slice(1).split('&')) {
    const pieces = part.split(';')
    add(readings, part, pieces.length === 1)
    if (pieces.length > 1) for (const piece of pieces) add(readings, piece, false)
  }
  for (const { values } of readings.values()) if (values.length > 1) values.push(values.join(','))
  return readings
}

/** @param whole - whether all readers see this part, and nothing else of it */
function add(readings: Map<string, Growing>, part: string, whole: boolean): void {
  const mark = part.indexOf('=')
  const name = formDecoded(mark === -1 ? part : part.slice(0, mark))
  if (name === null || part === '') return
  const value = mark === -1 ? '' : formDecoded(part.slice(mark + 1))
  put(readings, looseName(name), { name, value, whole })
  // A bracket that nothing closes is part of the name for PHP, which mends it.
  if (isUnclosed(name)) put(readings, mended(name), { name, value, whole: false })
}

function isUnclosed(name: string): boolean {
  const bracket = name.indexOf('[')
  return bracket !== -1 && !name.includes(']', bracket)
}

interface Seen {
  readonly name: string
  /** null = each reader mends it in its own way. */
  readonly value: string | null
  readonly whole: boolean
}

function put(readings: Map<string, Growing>, key: string, { name, value, whole }: Seen): void {
  const known = readings.get(key)
  const reading = known ?? { name, values: [], malformed: false, plain: whole && value !== null }
  if (known === undefined) readings.set(key, reading)
  else known.plain = false
  if (value === null) reading.malformed = true
  else reading.values.push(value)
}

const formDecoded = (text: string): string | null =>
  percentDecoded(text.includes('+') ? text.replaceAll('+', ' ') : text)
