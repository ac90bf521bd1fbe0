import { isJsonArray, type JsonObject, type JsonValue } from './json.ts'
import { isNumeric, sameValue } from './jsonEquality.ts'
import { hasFormat } from './formats.ts'
import { isMultiple } from './multiples.ts'
import type { Regex } from './regex.ts'
import type { Check, FindingReason } from './schemaRun.ts'

/** A check of values of one JavaScript type; others pass. */
type Part = Check | null

const numberAt = (schema: JsonObject, name: string): number | null => {
  const value = schema.get(name)
  return typeof value === 'number' ? value : null
}

type Numeric = number | bigint

const comparisons: readonly (readonly [FindingReason, (value: Numeric, bound: Numeric) => boolean])[] = [
  ['minimum', (value, bound) => value >= bound],
  ['maximum', (value, bound) => value <= bound],
  ['exclusiveMinimum', (value, bound) => value > bound],
  ['exclusiveMaximum', (value, bound) => value < bound],
  ['multipleOf', isMultiple],
]

/** The bounds of a number. */
export function numberChecks(schema: JsonObject): readonly Check[] {
  return comparisons.flatMap(([name, holds]): Check[] => {
    const bound = schema.get(name)
    if (bound === undefined || !isNumeric(bound)) return []
    return [(value, run) => !isNumeric(value) || holds(value, bound) || run.fail(name)]
  })
}

/** Characters are code points (RFC 8259 via JSON Schema validation 6.3). */
function lengthOf(text: string): number {
  let length = text.length
  for (let at = 0; at < text.length - 1; at++) if (text.charCodeAt(at) >>> 10 === 0x36) length--
  return length
}

function lengthCheck(schema: JsonObject): Part {
  const min = numberAt(schema, 'minLength') ?? 0
  const max = numberAt(schema, 'maxLength') ?? Infinity
  if (min === 0 && max === Infinity) return null
  return (value, run) => {
    if (typeof value !== 'string') return true
    // Code points are at most as many as code units, and at least half of them.
    const exact =
      value.length < min || (value.length <= max && value.length >= 2 * min) ? value.length : lengthOf(value)
    return (exact >= min || run.fail('minLength')) && (exact <= max || run.fail('maxLength'))
  }
}

function patternCheck(schema: JsonObject, regexes: ReadonlyMap<string, Regex>): Part {
  const pattern = schema.get('pattern')
  if (typeof pattern !== 'string') return null
  const regex = regexes.get(pattern)!
  return (value, run) =>
    typeof value !== 'string' || run.matching(value.length, regex.size, () => regex.finds(value)) || run.fail('pattern')
}

function formatCheck(schema: JsonObject): Part {
  const format = schema.get('format')
  if (typeof format !== 'string') return null
  return (value, run) => typeof value !== 'string' || hasFormat(format, value) || run.fail('format')
}

/** Length first, so that a pattern never sees a text that is too long for it. */
export function stringChecks(schema: JsonObject, regexes: ReadonlyMap<string, Regex>): readonly Check[] {
  const length = lengthCheck(schema)
  const others = [patternCheck(schema, regexes), formatCheck(schema)].filter((check) => check !== null)
  if (length === null) return others
  return [(value, run) => length(value, run) && others.reduce((held, check) => check(value, run) && held, true)]
}

/** `const` and `enum`. */
export function valueChecks(schema: JsonObject): readonly Check[] {
  const listed = schema.get('enum')
  const only = schema.get('const')
  return [
    ...(isJsonArray(listed) ? [oneOf(listed, 'enum')] : []),
    ...(only === undefined ? [] : [oneOf([only], 'const')]),
  ]
}

const isPlain = (value: JsonValue): boolean => typeof value === 'string' || typeof value === 'boolean' || value === null

function oneOf(values: readonly JsonValue[], reason: FindingReason): Check {
  const plain = new Set(values.filter(isPlain))
  const others = values.filter((value) => !isPlain(value))
  return (value, run) =>
    (isPlain(value) ? plain.has(value) : others.some((one) => sameValue(one, value, () => run.spend(1)))) ||
    run.fail(reason)
}
