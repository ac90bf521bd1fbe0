import { isJsonArray, isJsonObject, type JsonValue } from './json.ts'
import { isFormat } from './formats.ts'
import type { SchemaFaultReason } from './schemaFault.ts'

/** Where a keyword holds schemas: one, a list of them, or one for each name. */
export type Holds = 'none' | 'one' | 'list' | 'map'

export interface Keyword {
  readonly holds: Holds
  /** True when its schemas look at the same value again. */
  readonly combines: boolean
  /** What is wrong with its value; null = nothing. Schemas inside are checked for themselves. */
  fault(value: JsonValue): SchemaFaultReason | null
}

type Holding = (value: JsonValue) => boolean

const keyword = (right: Holding, reason: SchemaFaultReason = 'bad-value'): Keyword => ({
  holds: 'none',
  combines: false,
  fault: (value) => (right(value) ? null : reason),
})

const holding = (holds: Holds, combines = false): Keyword => ({
  holds,
  combines,
  fault: (value) => {
    if (holds === 'one') return null
    if (holds === 'map') return isJsonObject(value) ? null : 'bad-value'
    if (!isJsonArray(value) || value.length === 0) return 'bad-value'
    return combines && value.length > maxBranches ? 'too-many-branches' : null
  },
})

const maxBranches = 8

const isText: Holding = (value) => typeof value === 'string'
const isBoolean: Holding = (value) => typeof value === 'boolean'
const isNumber: Holding = (value) => typeof value === 'number' || typeof value === 'bigint'
const isCount: Holding = (value) => Number.isSafeInteger(value) && Number(value) >= 0
const isAnything: Holding = () => true
const isDistinct = (values: readonly JsonValue[]): boolean => new Set(values).size === values.length
const isNames: Holding = (value) => isJsonArray(value) && value.every(isText) && isDistinct(value)

/** The types of JSON Schema. */
export const typeNames = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer'] as const
export type TypeName = (typeof typeNames)[number]

export const isTypeName = (value: JsonValue | undefined): value is TypeName =>
  typeof value === 'string' && (typeNames as readonly string[]).includes(value)

const isType: Holding = (value) =>
  isTypeName(value) || (isJsonArray(value) && value.length > 0 && value.every(isTypeName) && isDistinct(value))

/** The only dialect. */
const dialect = 'https://json-schema.org/draft/2020-12/schema'

/**
 * The keywords of JSON Schema 2020-12 that are supported; every other is refused. Left out is what refers elsewhere or to
 * itself (`$id`, `$anchor`, `$dynamicRef`), and what needs to know what other keywords have looked at (`unevaluated…`).
 */
export const keywords: ReadonlyMap<string, Keyword> = new Map([
  ['$schema', keyword((value) => value === dialect, 'bad-dialect')],
  ['$ref', keyword((value) => typeof value === 'string' && refName(value) !== null, 'bad-ref')],
  ['$defs', holding('map')],
  ['$comment', keyword(isText)],
  ['title', keyword(isText)],
  ['description', keyword(isText)],
  ['default', keyword(isAnything)],
  ['examples', keyword(isJsonArray)],
  ['deprecated', keyword(isBoolean)],
  ['readOnly', keyword(isBoolean)],
  ['writeOnly', keyword(isBoolean)],
  ['type', keyword(isType)],
  ['enum', keyword((value) => isJsonArray(value) && value.length > 0)],
  ['const', keyword(isAnything)],
  ['allOf', holding('list', true)],
  ['anyOf', holding('list', true)],
  ['oneOf', holding('list', true)],
  ['not', holding('one', true)],
  ['if', holding('one', true)],
  ['then', holding('one', true)],
  ['else', holding('one', true)],
  ['dependentSchemas', holding('map', true)],
  ['properties', holding('map')],
  ['patternProperties', holding('map')],
  ['additionalProperties', holding('one')],
  ['propertyNames', holding('one')],
  ['required', keyword(isNames)],
  ['dependentRequired', keyword((value) => isJsonObject(value) && [...value.values()].every(isNames))],
  ['minProperties', keyword(isCount)],
  ['maxProperties', keyword(isCount)],
  ['prefixItems', holding('list')],
  ['items', holding('one')],
  ['contains', holding('one')],
  ['minContains', keyword(isCount)],
  ['maxContains', keyword(isCount)],
  ['minItems', keyword(isCount)],
  ['maxItems', keyword(isCount)],
  ['uniqueItems', keyword(isBoolean)],
  ['minimum', keyword(isNumber)],
  ['maximum', keyword(isNumber)],
  ['exclusiveMinimum', keyword(isNumber)],
  ['exclusiveMaximum', keyword(isNumber)],
  ['multipleOf', keyword((value) => typeof value === 'number' && value > 0)],
  ['minLength', keyword(isCount)],
  ['maxLength', keyword(isCount)],
  ['pattern', keyword(isText)],
  ['format', keyword((value) => typeof value === 'string' && isFormat(value), 'unknown-format')],
])

/** The name in `#/$defs/NAME`; null for any other reference. */
export function refName(ref: string): string | null {
  const name = /^#\/\$defs\/([^/%]+)$/.exec(ref)?.[1]
  if (name === undefined || /~(?![01])/.test(name)) return null
  return name.replaceAll('~1', '/').replaceAll('~0', '~')
}
