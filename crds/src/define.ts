import { z } from 'zod'
import { withFullDefaults } from './defaults.ts'
import { mergeKinds } from './merge.ts'
import { bundleVersion, bundleVersionAnnotation, group, version } from './common.ts'

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string
  readonly type: 'string' | 'integer' | 'date'
  readonly jsonPath: string
  readonly description: string
}

/** A kind as the API server is to know it. */
export interface KindDefinition {
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly columns: readonly PrinterColumn[]
  readonly description: string
  readonly spec: z.ZodType
  /** Whether objects of several levels come together, so that each field must say how it merges. */
  readonly merges: boolean
  readonly status: z.ZodType
}

/** A rule of `x-kubernetes-validations`. */
export interface ValidationRule {
  readonly rule: string
  readonly message: string
}

/** The structural subset of OpenAPI that a CRD can say and that this package uses. */
export interface CrdSchema {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean'
  readonly description?: string
  readonly default?: unknown
  readonly properties?: { readonly [name: string]: CrdSchema }
  readonly required?: readonly string[]
  readonly additionalProperties?: CrdSchema
  readonly items?: CrdSchema
  readonly enum?: readonly string[]
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly 'x-kubernetes-preserve-unknown-fields'?: true
  readonly 'x-kubernetes-map-type'?: 'atomic'
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[]
}

/** A column that shows the status of a condition. */
export const conditionColumn = (type: string, description: string): PrinterColumn => ({
  name: type,
  type: 'string',
  jsonPath: `.status.conditions[?(@.type=='${type}')].status`,
  description,
})

export const ageColumn: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since creation.',
}

/** Keywords by type; what is not here cannot be said in a CRD, or has no business in ours. */
const common = ['type', 'description', 'default', 'x-kubernetes-validations']
const allowed: Readonly<Record<string, readonly string[]>> = {
  object: [
    ...[...common, 'properties', 'required', 'additionalProperties', 'minProperties', 'maxProperties'],
    ...['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-map-type'],
  ],
  array: [...common, 'items', 'minItems', 'maxItems', 'x-kubernetes-list-type', 'x-kubernetes-list-map-keys'],
  string: [...common, 'enum', 'format', 'pattern', 'minLength', 'maxLength'],
  integer: [...common, 'minimum', 'maximum'],
  boolean: common,
}

/** What each type needs, so that CEL costs stay estimable and nothing is unbounded. */
const bounds: Readonly<Record<string, readonly string[]>> = {
  array: ['maxItems', 'x-kubernetes-list-type'],
  integer: ['minimum', 'maximum'],
}

type Raw = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value)

function checkKeywords(schema: Raw, at: string): void {
  const type = String(schema['type'])
  const keywords = allowed[type]
  if (!keywords) throw new TypeError(`${at}: a field of type "${type}" cannot be expressed in a CRD`)
  for (const keyword of Object.keys(schema)) {
    if (!keywords.includes(keyword)) throw new TypeError(`${at}: "${keyword}" cannot be expressed in a CRD`)
  }
  for (const bound of bounds[type] ?? []) {
    if (schema[bound] === undefined) throw new TypeError(`${at}: needs ${bound}`)
  }
  if (type === 'string' && schema['enum'] === undefined && schema['maxLength'] === undefined) {
    throw new TypeError(`${at}: needs maxLength or enum`)
  }
  if (schema['description'] === undefined) throw new TypeError(`${at}: needs a description`)
}

/** Throws for whatever a structural schema cannot say; an emitter that guesses would drop a check in silence. */
function checkStructural(schema: unknown, at: string): void {
  if (!isObject(schema)) throw new TypeError(`${at}: cannot be expressed in a CRD`)
  checkKeywords(schema, at)
  for (const [name, member] of Object.entries((schema['properties'] ?? {}) as Raw)) {
    checkStructural(member, `${at}.${name}`)
  }
  if (schema['items'] !== undefined) checkStructural(schema['items'], `${at}[]`)
  const values = schema['additionalProperties']
  if (values === undefined) return
  if (schema['maxProperties'] === undefined) throw new TypeError(`${at}: needs maxProperties`)
  checkStructural(values, `${at}{}`)
}

/**
 * The structural schema of a zod schema.
 *
 * @param at - how errors name it, such as `GatewayRoute.spec`
 * @throws TypeError naming the field, for whatever a CRD cannot say
 */
export function structuralSchema(schema: z.ZodType, at: string): CrdSchema {
  const { $schema: _, ...emitted } = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    override: ({ jsonSchema }) => {
      // Unknown fields are refused by field validation; a structural schema has no keyword for it.
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
      // For the controller alone; a CRD has no place for it.
      delete jsonSchema['merge']
      // What is in there is nobody's matter but the controller's.
      if (jsonSchema['x-kubernetes-preserve-unknown-fields'] === true) {
        delete jsonSchema.additionalProperties
        delete jsonSchema.propertyNames
      }
      // JavaScript escapes the slash in a pattern's source; other engines need not.
      if (jsonSchema.pattern !== undefined) jsonSchema.pattern = jsonSchema.pattern.replaceAll('\\/', '/')
    },
  })
  checkStructural(emitted, at)
  return withFullDefaults(emitted as CrdSchema)
}

/**
 * The schema of a whole object of a kind.
 *
 * @throws TypeError naming the field, for what a CRD cannot say and for a field that does not say how it merges
 */
export function objectSchema(definition: KindDefinition): CrdSchema {
  if (definition.merges) mergeKinds(definition.spec, `${definition.kind}.spec`)
  return wholeSchema(definition)
}

const wholeSchema = (definition: KindDefinition): CrdSchema => ({
  type: 'object',
  description: definition.description,
  required: ['spec'],
  properties: {
    apiVersion: { type: 'string', description: `The group and version: ${group}/${version}.` },
    kind: { type: 'string', description: `The kind: ${definition.kind}.` },
    // The API server describes it and allows nothing more to be said here.
    metadata: { type: 'object' },
    spec: structuralSchema(definition.spec, `${definition.kind}.spec`),
    status: structuralSchema(definition.status, `${definition.kind}.status`),
  },
})

/** The CustomResourceDefinition of a kind, as JSON. */
export const customResourceDefinition = (definition: KindDefinition) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: `${definition.plural}.${group}`,
    annotations: { [bundleVersionAnnotation]: String(bundleVersion) },
  },
  spec: {
    group,
    scope: 'Namespaced',
    names: {
      kind: definition.kind,
      listKind: `${definition.kind}List`,
      plural: definition.plural,
      singular: definition.singular,
      categories: ['gatehouse-api'],
      ...(definition.shortNames.length > 0 && { shortNames: definition.shortNames }),
    },
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: definition.columns,
        schema: { openAPIV3Schema: objectSchema(definition) },
      },
    ],
  },
})
