import type { CrdSchema } from './define.ts'

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** The part of a schema that defaulting looks at. */
export interface Defaulted {
  readonly default?: unknown
  readonly properties?: { readonly [name: string]: Defaulted }
  readonly additionalProperties?: Defaulted
  readonly items?: Defaulted
}

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Writes out the defaults of a structural schema as the API server does: members from outside in, and into lists and
 * maps. A `null` counts as absent, since no field of ours is nullable.
 *
 * @returns a new value; unknown members are kept
 */
export function withDefaults(schema: Defaulted, value: Json): Json {
  if (Array.isArray(value)) {
    const items = schema.items
    return items ? value.map((item: Json) => withDefaults(items, item)) : value
  }
  if (!isObject(value)) return value
  const members = new Map<string, Json>()
  for (const [name, member] of Object.entries(value)) {
    const inner = schema.properties?.[name] ?? schema.additionalProperties
    if (inner && member === null) continue
    members.set(name, inner ? withDefaults(inner, member) : member)
  }
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    if (!members.has(name) && inner.default !== undefined) {
      members.set(name, withDefaults(inner, inner.default as Json))
    }
  }
  return Object.fromEntries(members)
}

/** The same schema with every default written out in full, since the API server checks rules on defaults as they stand. */
export function withFullDefaults(schema: CrdSchema): CrdSchema {
  const properties = Object.entries(schema.properties ?? {}).map(([name, member]) => [name, withFullDefaults(member)])
  const inner: CrdSchema = {
    ...schema,
    ...(schema.properties && { properties: Object.fromEntries(properties) as Record<string, CrdSchema> }),
    ...(schema.items && { items: withFullDefaults(schema.items) }),
  }
  return schema.default === undefined ? inner : { ...inner, default: withDefaults(inner, schema.default as Json) }
}
