import { isJsonArray, type JsonObject, type JsonValue } from './json.ts'
import { sameValue } from './jsonEquality.ts'
import type { Check, Run } from './schemaRun.ts'

const countAt = (schema: JsonObject, name: string, otherwise: number): number => {
  const value = schema.get(name)
  return typeof value === 'number' ? value : otherwise
}

type Items = readonly JsonValue[]
type ItemsCheck = (items: Items, run: Run) => boolean

/** The keywords of arrays. @param compile - null for a schema that holds for everything */
export function itemChecks(schema: JsonObject, compile: (schema: JsonValue) => Check | null): readonly Check[] {
  const all = [sizeCheck(schema), eachCheck(schema, compile), containsCheck(schema, compile)].filter(
    (check) => check !== null,
  )
  const [first, ...rest] = all
  if (first === undefined) return []
  // An array of the wrong size is not looked into.
  return [(value, run) => !isJsonArray(value) || (first(value, run) && rest.every((check) => check(value, run)))]
}

function sizeCheck(schema: JsonObject): ItemsCheck | null {
  const min = countAt(schema, 'minItems', 0)
  const max = countAt(schema, 'maxItems', Infinity)
  const unique = schema.get('uniqueItems') === true
  if (min === 0 && max === Infinity && !unique) return null
  return (items, run) => {
    if (items.length < min) return run.fail('minItems')
    if (items.length > max) return run.fail('maxItems')
    return !unique || areDistinct(items, run) || run.fail('uniqueItems')
  }
}

function areDistinct(items: Items, run: Run): boolean {
  const spend = (): void => run.spend(1)
  return items.every((item, index) => !items.slice(0, index).some((other) => sameValue(item, other, spend)))
}

function eachCheck(schema: JsonObject, compile: (schema: JsonValue) => Check | null): ItemsCheck | null {
  const prefix = schema.get('prefixItems')
  const rest = schema.get('items')
  const firsts = isJsonArray(prefix) ? prefix.map(compile) : []
  const others = rest === undefined ? null : compile(rest)
  if (others === null && firsts.every((check) => check === null)) return null
  return (items, run) => {
    let held = true
    for (let index = 0; index < items.length; index++) {
      const check = index < firsts.length ? firsts[index] : others
      if (!check || run.below(index, check, items[index]!)) continue
      held = false
      if (run.stops) return false
    }
    return held
  }
}

function containsCheck(schema: JsonObject, compile: (schema: JsonValue) => Check | null): ItemsCheck | null {
  const contained = schema.get('contains')
  if (contained === undefined) return null
  const check = compile(contained)
  const min = countAt(schema, 'minContains', 1)
  const max = countAt(schema, 'maxContains', Infinity)
  return (items, run) => {
    const count = check === null ? items.length : items.filter((item) => run.holds(check, item)).length
    if (count < min) return run.fail(schema.has('minContains') ? 'minContains' : 'contains')
    return count <= max || run.fail('maxContains')
  }
}
