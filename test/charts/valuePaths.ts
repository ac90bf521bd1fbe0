import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMap, isScalar, LineCounter, parseDocument, type Pair } from 'yaml'
import { chartFolder } from './helm.ts'

/** A value of the chart that stands for itself: no map with further values in it. */
export interface ValuePath {
  /** Dotted. */
  readonly path: string
  readonly value: unknown
  /** The line above the key. */
  readonly above: string
}

/** Maps that are handed through as they are. */
const opaque: ReadonlySet<string> = new Set(['gatehouse'])

const text = readFileSync(join(chartFolder('gatehouse'), 'values.yaml'), 'utf8')

/** The values of values.yaml, in its order. */
export function valuePaths(): readonly ValuePath[] {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter })
  const lines = text.split('\n')
  const walk = (pair: Pair, parent: string): readonly ValuePath[] => {
    if (!isScalar(pair.key)) throw new Error(`a key below ${parent} is no scalar`)
    const path = parent === '' ? String(pair.key.value) : `${parent}.${String(pair.key.value)}`
    if (isMap(pair.value) && pair.value.items.length > 0 && !opaque.has(path)) {
      return pair.value.items.flatMap((item) => walk(item, path))
    }
    const line = counter.linePos(pair.key.range?.[0] ?? 0).line
    return [{ path, value: document.getIn(path.split('.')), above: lines[line - 2]?.trim() ?? '' }]
  }
  if (!isMap(document.contents)) throw new Error('values.yaml is no map')
  return document.contents.items.flatMap((item) => walk(item, ''))
}

/** Part of a JSON Schema, as far as the chart's uses it. */
export interface ValueSchema {
  readonly $ref?: string
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, ValueSchema>>
  readonly patternProperties?: Readonly<Record<string, ValueSchema | false>>
  readonly additionalProperties?: boolean | ValueSchema
  readonly items?: ValueSchema
  readonly $defs?: Readonly<Record<string, ValueSchema>>
}

export const valuesSchema = JSON.parse(
  readFileSync(join(chartFolder('gatehouse'), 'values.schema.json'), 'utf8'),
) as ValueSchema

/** The schema of a dotted path; undefined when it has none. */
export const schemaAt = (path: string): ValueSchema | undefined =>
  path.split('.').reduce<ValueSchema | undefined>((schema, name) => schema?.properties?.[name], valuesSchema)

/** Properties of a schema, dotted, that are neither one of these paths nor lead to one. */
export const strangers = (schema: ValueSchema, paths: readonly string[], at = ''): readonly string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const path = `${at}${name}`
    if (paths.includes(path)) return []
    return paths.some((one) => one.startsWith(`${path}.`)) ? strangers(member, paths, `${path}.`) : [path]
  })

/** Every schema of an object in the schema, with where it is. */
export function objectSchemas(schema: ValueSchema, at: string): readonly { at: string; schema: ValueSchema }[] {
  const members = { ...schema.properties, ...schema.patternProperties, ...schema.$defs }
  const below = Object.entries(members).flatMap(([name, member]) =>
    member === false ? [] : objectSchemas(member, `${at}.${name}`),
  )
  const items = schema.items ? objectSchemas(schema.items, `${at}[]`) : []
  return [...(schema.type === 'object' ? [{ at, schema }] : []), ...below, ...items]
}
