import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './json.ts'
import { pointer } from './pointer.ts'
import { regexOf, type Regex } from './regex.ts'
import { maxSchemaFaults, type SchemaFault, type SchemaFaultReason } from './schemaFault.ts'
import { keywords, refName } from './schemaKeywords.ts'

/** Schemas and patterns count as often as references lead to them. */
const limits = { schemas: 4096, patterns: 8192, combinators: 3, uniqueItems: 100 } as const

/** What a regular expression counts beside its instructions. */
const patternOverhead = 64

type Path = readonly (string | number)[]

/** What a schema comes to with its references followed. */
interface Weight {
  readonly schemas: number
  /** Instructions. */
  readonly patterns: number
  /** How many combinators inside each other look at the same value. */
  readonly combinators: number
}

const weightless: Weight = { schemas: 1, patterns: 0, combinators: 0 }

/** What a review comes to. */
export interface Reviewed {
  /** In the order of the text; none = the schema is sound. */
  readonly faults: readonly SchemaFault[]
  /** By pattern. */
  readonly regexes: ReadonlyMap<string, Regex>
}

/** Finds whatever keeps a schema from being run, and what it would cost (M14). */
export function reviewSchema(root: JsonValue): Reviewed {
  const review = new Review(root)
  review.schema(root, [])
  if (review.faults.length > 0) return review
  const { schemas, patterns } = review.weigh(root, [])
  if (schemas > limits.schemas || patterns > limits.patterns) review.note([], 'too-costly')
  return review
}

/** The definition that a reference names. */
export function definitionOf(root: JsonValue, ref: JsonValue): JsonValue | undefined {
  const definitions = isJsonObject(root) ? root.get('$defs') : undefined
  const name = typeof ref === 'string' ? refName(ref) : null
  return isJsonObject(definitions) && name !== null ? definitions.get(name) : undefined
}

/** The schemas that a keyword holds, with the steps to each. */
function* held(name: string, value: JsonValue): Generator<readonly [Path, JsonValue]> {
  const holds = keywords.get(name)?.holds ?? 'none'
  if (holds === 'one') yield [[name], value]
  if (holds === 'list' && isJsonArray(value)) for (const [index, one] of value.entries()) yield [[name, index], one]
  if (holds === 'map' && isJsonObject(value)) for (const [key, one] of value) yield [[name, key], one]
}

class Review {
  readonly faults: SchemaFault[] = []
  readonly regexes = new Map<string, Regex>()
  readonly #root: JsonValue
  readonly #weights = new Map<JsonObject, Weight>()
  readonly #entered = new Set<JsonObject>()
  #compiled = 0

  constructor(root: JsonValue) {
    this.#root = root
  }

  note(path: Path, reason: SchemaFaultReason): void {
    if (this.faults.length < maxSchemaFaults) this.faults.push({ pointer: pointer(path), reason })
  }

  schema(schema: JsonValue, path: Path): void {
    if (typeof schema === 'boolean') return
    if (!isJsonObject(schema)) return this.note(path, 'not-a-schema')
    for (const [name, value] of schema) {
      const reason = this.#faultOf(name, value, schema)
      if (reason !== null) this.note([...path, name], reason)
      else for (const [below, one] of held(name, value)) this.schema(one, [...path, ...below])
    }
  }

  #faultOf(name: string, value: JsonValue, schema: JsonObject): SchemaFaultReason | null {
    const keyword = keywords.get(name)
    if (keyword === undefined) return 'unknown-keyword'
    const fault = keyword.fault(value)
    if (fault !== null) return fault
    if ((name === '$schema' || name === '$defs') && schema !== this.#root)
      return name === '$defs' ? 'unknown-keyword' : 'bad-dialect'
    if (name === '$ref') return definitionOf(this.#root, value) === undefined ? 'bad-ref' : null
    if (name === 'uniqueItems') return value === true && !isBounded(schema.get('maxItems')) ? 'unbounded-unique' : null
    return this.#patternFault(patternsOf(name, value))
  }

  /** Compiles patterns, as long as all of them together are not too much. */
  #patternFault(patterns: readonly string[]): SchemaFaultReason | null {
    for (const pattern of patterns) {
      if (this.regexes.has(pattern)) continue
      if (this.#compiled > limits.patterns) return 'too-costly'
      const regex = regexOf(pattern)
      if (regex === null) return 'bad-pattern'
      this.#compiled += regex.size + patternOverhead
      this.regexes.set(pattern, regex)
    }
    return null
  }

  /** Follows what keywords and references lead to. */
  weigh(schema: JsonValue, path: Path): Weight {
    if (!isJsonObject(schema)) return weightless
    const known = this.#weights.get(schema)
    if (known) return known
    this.#entered.add(schema)
    let { schemas, patterns, combinators } = weightless
    for (const [name, value] of schema) {
      for (const one of patternsOf(name, value)) patterns += (this.regexes.get(one)?.size ?? 0) + patternOverhead
      const deeper = keywords.get(name)?.combines ? 1 : 0
      for (const [below, one] of this.#reached(name, value, path)) {
        const weight = this.weigh(one, [...path, ...below])
        schemas += weight.schemas
        patterns += weight.patterns
        if (deeper > 0 || name === '$ref') combinators = Math.max(combinators, weight.combinators + deeper)
      }
      if (combinators === limits.combinators + 1) this.note([...path, name], 'too-deep')
    }
    this.#entered.delete(schema)
    const weight = { schemas, patterns, combinators }
    this.#weights.set(schema, weight)
    return weight
  }

  *#reached(name: string, value: JsonValue, path: Path): Generator<readonly [Path, JsonValue]> {
    if (name === '$defs') return
    if (name !== '$ref') return yield* held(name, value)
    const target = definitionOf(this.#root, value)
    if (target === undefined) return
    if (isJsonObject(target) && this.#entered.has(target)) this.note([...path, name], 'recursive')
    else yield [[name], target]
  }
}

const isBounded = (maxItems: JsonValue | undefined): boolean =>
  typeof maxItems === 'number' && maxItems <= limits.uniqueItems

function patternsOf(name: string, value: JsonValue): readonly string[] {
  if (name === 'pattern') return typeof value === 'string' ? [value] : []
  return name === 'patternProperties' && isJsonObject(value) ? [...value.keys()] : []
}
