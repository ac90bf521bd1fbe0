/** What keeps a text from being used as a schema. */
export const schemaFaults = {
  'not-json': 'is not JSON, or names a member twice',
  'too-large': 'has more than 65536 characters',
  'not-a-schema': 'must be an object, true or false',
  'unknown-keyword': 'is not a supported keyword',
  'bad-value': 'has a value that this keyword cannot have',
  'bad-dialect': 'must be https://json-schema.org/draft/2020-12/schema, and only at the root',
  'bad-ref': 'must be #/$defs/NAME, where the root has a definition of that name',
  recursive: 'leads back to itself',
  'bad-pattern': 'is not a regular expression of RE2, or is too large',
  'unknown-format': 'is not a supported format',
  'unbounded-unique': 'needs maxItems of at most 100 beside it',
  'too-many-branches': 'has more than 8 branches',
  'too-deep': 'stands more than 3 combinators deep',
  'too-costly': 'comes to more than 4096 schemas, or to too many and too large patterns, with all references followed',
  'not-parameters': 'must describe parameters by properties, required and dependentRequired alone',
  'untyped-parameter': 'must have the type string, integer, number, boolean, or array with such items',
} as const

export type SchemaFaultReason = keyof typeof schemaFaults

export interface SchemaFault {
  /** JSON pointer (RFC 6901) into the schema, to the keyword; names that are not plain are written as `?`. */
  readonly pointer: string
  readonly reason: SchemaFaultReason
}

/** Beyond this many the rest is not listed. */
export const maxSchemaFaults = 8
