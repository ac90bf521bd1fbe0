import type { CrdSchema, Json } from '@gatehouse/crds'

/** What is wrong with a document, at one place. */
export interface AdmissionError {
  /** JSON pointer (RFC 6901) into the document; empty = the whole. */
  readonly path: string
  /** A sentence without subject, such as `is required`. */
  readonly message: string
}

/** A structural schema, as a CRD has it or as we describe a built-in kind. */
export interface Shape extends Omit<CrdSchema, 'type' | 'properties' | 'additionalProperties' | 'items'> {
  /** Absent = any type. */
  readonly type?: CrdSchema['type']
  readonly properties?: { readonly [name: string]: Shape }
  readonly additionalProperties?: Shape
  readonly items?: Shape
}

export type JsonObject = { readonly [key: string]: Json }

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A member's pointer. */
export const at = (path: string, key: string | number): string =>
  `${path}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`

const article = {
  object: 'an object',
  array: 'a list',
  string: 'a string',
  integer: 'an integer',
  boolean: 'true or false',
}

function typeIs(type: CrdSchema['type'], value: Json): boolean {
  switch (type) {
    case 'object':
      return isObject(value)
    case 'array':
      return Array.isArray(value)
    case 'integer':
      return Number.isSafeInteger(value)
    case 'string':
    case 'boolean':
      return typeof value === type
  }
}

/** Members that the shape does not know: what the API server's strict field validation refuses. */
export function unknownMembers(shape: Shape, value: Json, path: string): readonly AdmissionError[] {
  if (Array.isArray(value)) {
    const { items } = shape
    return items ? value.flatMap((item: Json, index) => unknownMembers(items, item, at(path, index))) : []
  }
  if (shape['x-kubernetes-preserve-unknown-fields']) return []
  if (!isObject(value) || (!shape.properties && !shape.additionalProperties && shape.type !== 'object')) return []
  return Object.entries(value).flatMap(([name, member]) => {
    const inner = Object.hasOwn(shape.properties ?? {}, name) ? shape.properties?.[name] : shape.additionalProperties
    if (inner) return unknownMembers(inner, member, at(path, name))
    return [{ path: at(path, name), message: 'is not a known field' }]
  })
}

const outside = (size: number, min: number | undefined, max: number | undefined): boolean =>
  size < (min ?? 0) || size > (max ?? Number.POSITIVE_INFINITY)

const span = (min: number | undefined, max: number | undefined, unit: string): string =>
  `must have ${min ?? 0} to ${max ?? 'any number of'} ${unit}`

/** A longer pattern says less than the description. */
const readablePattern = 80

function formFault(description: string | undefined, pattern: string): string {
  const meaning = description ? `: ${description.replace(/\.$/, '')}` : ''
  return `does not have the required form${meaning}${pattern.length <= readablePattern ? ` (must match ${pattern})` : ''}`
}

function scalarFaults(shape: Shape, value: string | number): readonly string[] {
  if (typeof value === 'number') {
    const { minimum, maximum } = shape
    const low = value < (minimum ?? Number.NEGATIVE_INFINITY)
    const high = value > (maximum ?? Number.POSITIVE_INFINITY)
    return low || high ? [`must be between ${minimum ?? '-∞'} and ${maximum ?? '∞'}`] : []
  }
  const faults: string[] = []
  const { minLength, maxLength, pattern } = shape
  if (shape.enum && !shape.enum.includes(value)) {
    faults.push(`must be one of ${shape.enum.map((member) => `"${member}"`).join(', ')}`)
  }
  // The API server counts characters, not UTF-16 units.
  if (outside(Array.from(value).length, minLength, maxLength)) faults.push(span(minLength, maxLength, 'characters'))
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) {
    faults.push(formFault(shape.description, pattern))
  }
  return faults
}

function duplicates(shape: Shape, list: readonly Json[], path: string): readonly AdmissionError[] {
  const type = shape['x-kubernetes-list-type']
  if (type !== 'set' && type !== 'map') return []
  const keys = shape['x-kubernetes-list-map-keys'] ?? []
  const seen = new Set<string>()
  return list.flatMap((item, index) => {
    const key = JSON.stringify(isObject(item) ? keys.map((name) => item[name] ?? null) : item)
    const twin = seen.has(key)
    seen.add(key)
    return twin
      ? [{ path: at(path, index), message: `is a duplicate${keys.length > 0 ? ` by ${keys.join(', ')}` : ''}` }]
      : []
  })
}

function listFaults(shape: Shape, list: readonly Json[], path: string): readonly AdmissionError[] {
  const { items, minItems, maxItems } = shape
  const size = outside(list.length, minItems, maxItems) ? [{ path, message: span(minItems, maxItems, 'entries') }] : []
  const inner = items ? list.flatMap((item, index) => structureFaults(items, item, at(path, index))) : []
  return [...size, ...inner, ...duplicates(shape, list, path)]
}

function objectFaults(shape: Shape, value: JsonObject, path: string): readonly AdmissionError[] {
  const { minProperties, maxProperties } = shape
  const size = outside(Object.keys(value).length, minProperties, maxProperties)
    ? [{ path, message: span(minProperties, maxProperties, 'entries') }]
    : []
  const missing = (shape.required ?? [])
    .filter((name) => !Object.hasOwn(value, name))
    .map((name) => ({ path: at(path, name), message: 'is required' }))
  const inner = Object.entries(value).flatMap(([name, member]) => {
    const known = shape.properties?.[name] ?? shape.additionalProperties
    return known ? structureFaults(known, member, at(path, name)) : []
  })
  return [...size, ...missing, ...inner]
}

/** Types, required members, bounds, forms and uniqueness; says nothing of unknown members. */
export function structureFaults(shape: Shape, value: Json, path: string): readonly AdmissionError[] {
  if (shape.type !== undefined && !typeIs(shape.type, value)) {
    return [{ path, message: `must be ${article[shape.type]}` }]
  }
  if (Array.isArray(value)) return listFaults(shape, value, path)
  if (isObject(value)) return objectFaults(shape, value, path)
  if (typeof value !== 'string' && typeof value !== 'number') return []
  return scalarFaults(shape, value).map((message) => ({ path, message }))
}
