import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './json.ts'
import type { Regex } from './regex.ts'
import { itemChecks } from './schemaItems.ts'
import { isTypeName, type TypeName } from './schemaKeywords.ts'
import { memberChecks } from './schemaMembers.ts'
import { definitionOf } from './schemaReview.ts'
import type { Check } from './schemaRun.ts'
import { numberChecks, stringChecks, valueChecks } from './schemaScalars.ts'

/** Makes a schema that {@link reviewSchema} found sound into functions. @returns null when it holds for everything */
export function checkOf(root: JsonValue, regexes: ReadonlyMap<string, Regex>): Check | null {
  const known = new Map<JsonObject, Check | null>()
  const compile = (schema: JsonValue): Check | null => {
    if (!isJsonObject(schema)) return schema === false ? (_value, run) => run.fail('not-allowed') : null
    const made = known.get(schema)
    if (made !== undefined) return made
    const check = inOrder(typeCheck(schema), [
      ...valueChecks(schema),
      ...numberChecks(schema),
      ...stringChecks(schema, regexes),
      ...itemChecks(schema, compile),
      ...memberChecks(schema, compile, regexes),
      ...referenceChecks(schema, root, compile),
      ...combinatorChecks(schema, compile),
    ])
    known.set(schema, check)
    return check
  }
  return compile(root)
}

type Compile = (schema: JsonValue) => Check | null

/** The type first: of a value of the wrong type nothing else is worth saying. */
function inOrder(type: Check | null, rest: readonly Check[]): Check | null {
  const cost = 1 + rest.length
  if (type === null && rest.length === 0) return null
  if (rest.length === 0) {
    return (value, run) => {
      run.spend(cost)
      return type!(value, run)
    }
  }
  return (value, run) => {
    run.spend(cost)
    if (type !== null && !type(value, run)) return false
    let held = true
    for (let index = 0; index < rest.length; index++) {
      if (rest[index]!(value, run)) continue
      held = false
      if (run.stops) return false
    }
    return held
  }
}

const types: { readonly [T in TypeName]: (value: JsonValue) => boolean } = {
  null: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  object: isJsonObject,
  array: isJsonArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' || typeof value === 'bigint',
  // 1.0 is an integer (JSON Schema core 4.2.3).
  integer: (value) => typeof value === 'bigint' || Number.isInteger(value),
}

function typeCheck(schema: JsonObject): Check | null {
  const type = schema.get('type')
  const names = (isJsonArray(type) ? type : [type]).filter(isTypeName)
  const [first, ...more] = names.map((name) => types[name])
  if (first === undefined) return null
  if (more.length === 0) return (value, run) => first(value) || run.fail('type')
  return (value, run) => first(value) || more.some((is) => is(value)) || run.fail('type')
}

function referenceChecks(schema: JsonObject, root: JsonValue, compile: Compile): readonly Check[] {
  const ref = schema.get('$ref')
  if (typeof ref !== 'string') return []
  const target = definitionOf(root, ref)
  if (target === undefined) throw new TypeError('a reference that was reviewed leads somewhere')
  const check = compile(target)
  return check === null ? [] : [check]
}

const holds: Check = () => true

function combinatorChecks(schema: JsonObject, compile: Compile): readonly Check[] {
  const branches = (name: string): readonly Check[] | null => {
    const list = schema.get(name)
    return isJsonArray(list) ? list.map((one) => compile(one) ?? holds) : null
  }
  const all = branches('allOf') ?? []
  const any = branches('anyOf')
  const one = branches('oneOf')
  const not = schema.get('not')
  const refused = not === undefined ? undefined : (compile(not) ?? holds)
  return [
    ...all,
    ...(any ? [((value, run) => any.some((check) => run.holds(check, value)) || run.fail('anyOf')) as Check] : []),
    ...(one ? [exactlyOne(one)] : []),
    ...(refused ? [((value, run) => !run.holds(refused, value) || run.fail('not')) as Check] : []),
    ...conditionChecks(schema, compile),
    ...dependentChecks(schema, compile),
  ]
}

const exactlyOne =
  (branches: readonly Check[]): Check =>
  (value, run) => {
    let found = 0
    for (const check of branches) {
      if (run.holds(check, value)) found++
      if (found > 1) break
    }
    return found === 1 || run.fail('oneOf')
  }

function conditionChecks(schema: JsonObject, compile: Compile): readonly Check[] {
  const condition = schema.get('if')
  if (condition === undefined) return []
  const asked = compile(condition) ?? holds
  const branch = (name: string): Check => compile(schema.get(name) ?? true) ?? holds
  const then = branch('then')
  const otherwise = branch('else')
  return [(value, run) => (run.holds(asked, value) ? then : otherwise)(value, run)]
}

function dependentChecks(schema: JsonObject, compile: Compile): readonly Check[] {
  const dependent = schema.get('dependentSchemas')
  if (!isJsonObject(dependent)) return []
  return [...dependent].map(([name, one]): Check => {
    const check = compile(one) ?? holds
    return (value, run) => !isJsonObject(value) || !value.has(name) || check(value, run)
  })
}
