import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './json.ts'
import type { Regex } from './regex.ts'
import type { Check, Run } from './schemaRun.ts'

type Regexes = ReadonlyMap<string, Regex>
type Compile = (schema: JsonValue) => Check | null
type MembersCheck = (members: JsonObject, run: Run) => boolean

/** The keywords of objects. Only own members count, and any name is data. */
export function memberChecks(schema: JsonObject, compile: Compile, regexes: Regexes): readonly Check[] {
  const all = [
    sizeCheck(schema),
    requiredCheck(schema),
    dependentCheck(schema),
    namesCheck(schema, compile),
    eachCheck(schema, compile, regexes),
  ].filter((check) => check !== null)
  if (all.length === 0) return []
  return [
    (value, run) => {
      if (!isJsonObject(value)) return true
      let held = true
      for (const check of all) {
        if (check(value, run)) continue
        held = false
        if (run.stops) return false
      }
      return held
    },
  ]
}

function sizeCheck(schema: JsonObject): MembersCheck | null {
  const min = schema.get('minProperties')
  const max = schema.get('maxProperties')
  const least = typeof min === 'number' ? min : 0
  const most = typeof max === 'number' ? max : Infinity
  if (least === 0 && most === Infinity) return null
  return ({ size }, run) => (size >= least || run.fail('minProperties')) && (size <= most || run.fail('maxProperties'))
}

const namesIn = (value: JsonValue | undefined): readonly string[] => (isJsonArray(value) ? value.map(String) : [])

function requiredCheck(schema: JsonObject): MembersCheck | null {
  const names = namesIn(schema.get('required'))
  if (names.length === 0) return null
  return (members, run) => {
    let held = true
    for (const name of names) if (!members.has(name)) held = run.fail('required', name)
    return held
  }
}

function dependentCheck(schema: JsonObject): MembersCheck | null {
  const dependent = schema.get('dependentRequired')
  if (!isJsonObject(dependent)) return null
  const rows = [...dependent].map(([name, needed]) => [name, namesIn(needed)] as const)
  return (members, run) => {
    let held = true
    for (const [name, needed] of rows) {
      if (!members.has(name)) continue
      for (const other of needed) if (!members.has(other)) held = run.fail('dependentRequired', other)
    }
    return held
  }
}

function namesCheck(schema: JsonObject, compile: Compile): MembersCheck | null {
  const ofNames = schema.get('propertyNames')
  const check = ofNames === undefined ? null : compile(ofNames)
  if (check === null) return null
  return (members, run) => {
    for (const name of members.keys()) if (!run.holds(check, name)) return run.fail('propertyNames', name)
    return true
  }
}

interface PatternRow {
  readonly regex: Regex
  readonly check: Check | null
}

function patternRows(schema: JsonObject, compile: Compile, regexes: Regexes): readonly PatternRow[] {
  const patterns = schema.get('patternProperties')
  if (!isJsonObject(patterns)) return []
  return [...patterns].map(([pattern, one]) => ({ regex: regexes.get(pattern)!, check: compile(one) }))
}

/** What `additionalProperties` says: nothing, that there must be none, or what they must be. */
function additionalOf(schema: JsonObject, compile: Compile): Check | 'refuse' | null {
  const additional = schema.get('additionalProperties')
  if (additional === undefined) return null
  return additional === false ? 'refuse' : compile(additional)
}

function eachCheck(schema: JsonObject, compile: Compile, regexes: Regexes): MembersCheck | null {
  const properties = schema.get('properties')
  const known = new Map([...(isJsonObject(properties) ? properties : [])].map(([name, one]) => [name, compile(one)]))
  const patterns = patternRows(schema, compile, regexes)
  const additional = additionalOf(schema, compile)
  if (patterns.length === 0 && additional === null && [...known.values()].every((check) => check === null)) return null

  const member = (name: string, value: JsonValue, run: Run): boolean => {
    const check = known.get(name)
    let described = check !== undefined
    let held = !check || run.below(name, check, value)
    for (const { regex, check: other } of patterns) {
      if (!run.matching(name.length, regex.size, () => regex.finds(name))) continue
      described = true
      if (other !== null && !run.below(name, other, value)) held = false
    }
    if (described || additional === null) return held
    return additional === 'refuse' ? run.fail('additionalProperties', name) : run.below(name, additional, value)
  }
  return (members, run) => {
    let held = true
    run.spend(members.size)
    for (const [name, value] of members) {
      if (member(name, value, run)) continue
      held = false
      if (run.stops) return false
    }
    return held
  }
}
