import { Environment } from '@marcbachmann/cel-js'
import type { Json } from '@gatehouse/crds'
import { at, isObject, type AdmissionError, type Shape } from './shape.ts'

/** Field names that are words of CEL; the API server shows them to rules between double underscores. */
const celWords = new Set(['namespace', 'package', 'in', 'as', 'if', 'else', 'for', 'var', 'void', 'return', 'import'])

const environment = new Environment().registerVariable('self', 'dyn')
const programs = new Map<string, (context: { self: unknown }) => unknown>()

function program(rule: string): (context: { self: unknown }) => unknown {
  const known = programs.get(rule)
  if (known) return known
  const made = environment.parse(rule)
  programs.set(rule, made)
  return made
}

/** The value as CEL sees it: integers are ints, not doubles. */
function celValue(shape: Shape | undefined, value: Json): unknown {
  if (shape?.type === 'integer' && typeof value === 'number') return BigInt(value)
  if (Array.isArray(value)) return value.map((item: Json) => celValue(shape?.items, item))
  if (!isObject(value)) return value
  const members = Object.entries(value).map(([name, member]) => [
    shape?.properties && celWords.has(name) ? `__${name}__` : name,
    celValue(shape?.properties?.[name] ?? shape?.additionalProperties, member),
  ])
  return Object.fromEntries(members) as unknown
}

function holds(rule: string, self: unknown): boolean {
  try {
    return program(rule)({ self }) === true
  } catch {
    // A rule that cannot be evaluated is a rule that does not hold, as in the API server.
    return false
  }
}

/** The rules of `x-kubernetes-validations` that do not hold. The value is sound by its structure. */
export function brokenRules(shape: Shape, value: Json, path: string): readonly AdmissionError[] {
  const rules = shape['x-kubernetes-validations'] ?? []
  const self = rules.length > 0 ? celValue(shape, value) : null
  const own = rules.filter(({ rule }) => !holds(rule, self)).map(({ message }) => ({ path, message }))
  if (Array.isArray(value)) {
    const { items } = shape
    return items ? [...own, ...value.flatMap((item: Json, index) => brokenRules(items, item, at(path, index)))] : own
  }
  if (!isObject(value)) return own
  const inner = Object.entries(value).flatMap(([name, member]) => {
    const known = shape.properties?.[name] ?? shape.additionalProperties
    return known ? brokenRules(known, member, at(path, name)) : []
  })
  return [...own, ...inner]
}
