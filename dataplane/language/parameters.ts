import { isJsonObject, type JsonObject, type JsonValue } from './json.ts'
import { compileSchema, type Schema, type SchemaVerdict, type UnusableSchema } from './schema.ts'
import { maxSchemaFaults, type SchemaFault } from './schemaFault.ts'
import { definitionOf } from './schemaReview.ts'
import type { Effort, Finding } from './schemaRun.ts'
import { pointer } from './pointer.ts'

/** What a text may stand for. */
type Scalar = 'string' | 'integer' | 'number' | 'boolean'

/** How the values of a parameter are read. */
interface Shape {
  /** As the schema writes it. */
  readonly name: string
  readonly scalar: Scalar
  /** Whether it may be given more than once. */
  readonly isList: boolean
}

/** Values of parameters by name, in order of appearance. */
export type ParameterValues = ReadonlyMap<string, readonly string[]>

/** A schema for parameters that come as text: of a header section, a query or a path. */
export interface Parameters {
  readonly ok: true
  /** The described names; lower case where case does not count. */
  readonly names: ReadonlySet<string>
  /** Its regular expressions, each once. */
  readonly patterns: readonly string[]
  /** Reads texts as what the schema says they are, and checks them. Names that are not described are passed over. */
  check(values: ParameterValues, effort: Effort): SchemaVerdict
}

/** What the root may have: a schema for each name, and which of them must be there. */
const rootKeywords = [
  '$schema',
  '$defs',
  '$comment',
  'title',
  'description',
  'type',
  'properties',
  'required',
  'dependentRequired',
]

/** @param caseless - whether names are compared without case, as those of headers are */
export function compileParameters(text: string, { caseless }: { caseless: boolean }): Parameters | UnusableSchema {
  const schema = compileSchema(text)
  if (!schema.ok) return schema
  const shapes = shapesOf(schema)
  if ('faults' in shapes) return { ok: false, faults: shapes.faults }
  const byName = new Map([...shapes].map(([name, shape]) => [caseless ? name.toLowerCase() : name, shape]))
  return {
    ok: true,
    names: new Set(byName.keys()),
    patterns: schema.patterns,
    check: (values, effort) => {
      const read = readAll(byName, values)
      return read.findings.length > 0 ? read.findings : schema.check(read.object, effort)
    },
  }
}

type Unfit = { readonly faults: readonly SchemaFault[] }

function shapesOf({ root }: Schema): ReadonlyMap<string, Shape> | Unfit {
  const unfit = (path: readonly string[], reason: SchemaFault['reason']) => ({ pointer: pointer(path), reason })
  if (!isJsonObject(root) || (root.get('type') ?? 'object') !== 'object')
    return { faults: [unfit([], 'not-parameters')] }
  const foreign = [...root.keys()].filter((name) => !rootKeywords.includes(name))
  if (foreign.length > 0)
    return { faults: foreign.map((name) => unfit([name], 'not-parameters')).slice(0, maxSchemaFaults) }
  const properties = root.get('properties')
  if (!isJsonObject(properties)) return { faults: [unfit(['properties'], 'not-parameters')] }
  const shapes = [...properties].map(([name, schema]) => [name, shapeOf(name, schema, root)] as const)
  const untyped = shapes.filter(([, shape]) => shape === null)
  if (untyped.length > 0)
    return {
      faults: untyped.slice(0, maxSchemaFaults).map(([name]) => unfit(['properties', name], 'untyped-parameter')),
    }
  return new Map(shapes.flatMap(([name, shape]) => (shape === null ? [] : [[name, shape]])))
}

function shapeOf(name: string, schema: JsonValue, root: JsonObject): Shape | null {
  const own = typed(schema, root)
  const type = own?.get('type')
  if (isScalar(type)) return { name, scalar: type, isList: false }
  const items = type === 'array' ? typed(own?.get('items') ?? null, root)?.get('type') : undefined
  return isScalar(items) ? { name, scalar: items, isList: true } : null
}

/** The schema that says the type: this one, or what it refers to. References do not lead back, so this ends. */
function typed(schema: JsonValue, root: JsonObject): JsonObject | null {
  if (!isJsonObject(schema)) return null
  const ref = schema.get('$ref')
  return schema.has('type') || ref === undefined ? schema : typed(definitionOf(root, ref) ?? null, root)
}

const isScalar = (type: JsonValue | undefined): type is Scalar =>
  type === 'string' || type === 'integer' || type === 'number' || type === 'boolean'

/** More digits than any id, counter or amount has. */
const integerForm = /^-?(?:0|[1-9]\d{0,63})$/
const numberForm = /^-?(?:0|[1-9]\d{0,63})(?:\.\d{1,64})?(?:[eE][+-]?\d{1,3})?$/

/** Reads a text as a JSON text of this type would be read; a string is itself. @returns null when it is none */
function readText(text: string, scalar: Scalar): JsonValue {
  if (scalar === 'string') return text
  if (scalar === 'boolean') return text === 'true' ? true : text === 'false' ? false : null
  if (integerForm.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text)
  const value = scalar === 'number' && numberForm.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? value : null
}

interface ReadParameters {
  readonly object: JsonObject
  readonly findings: readonly Finding[]
}

function readAll(shapes: ReadonlyMap<string, Shape>, values: ParameterValues): ReadParameters {
  const object = new Map<string, JsonValue>()
  const findings: Finding[] = []
  for (const [key, { name, scalar, isList }] of shapes) {
    const texts = values.get(key)
    if (texts === undefined) continue
    const read = texts.map((text) => readText(text, scalar))
    if (!isList && texts.length > 1) findings.push({ pointer: pointer([name]), reason: 'repeated' })
    else if (read.includes(null)) findings.push({ pointer: pointer([name]), reason: 'type' })
    else object.set(name, isList ? read : read[0]!)
  }
  return { object, findings }
}
