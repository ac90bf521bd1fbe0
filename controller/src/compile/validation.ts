import type { AccessPolicySpec } from '@gatehouse/crds'
import type { Validation } from '@gatehouse/contract'
import { schemaFaults } from '@gatehouse/language/schema'
import { note, type Note } from './findings.ts'
import { bytesOf } from './quantities.ts'
import { unresolvedNote, type References } from './references.ts'
import { readInlineSchema, type ReadSchema, type SchemaUse } from './schemas.ts'

type Spec = NonNullable<AccessPolicySpec['validation']>

/** What the validation of a policy is made from beside its text. */
export interface ValidationSources {
  readonly references: References
  /** Of bodies, bytes. */
  readonly maxBodySize: number
}

/** A validation made executable, and what there is to say about it. */
export interface MadeValidation {
  /** null when the policy has none. */
  readonly validation: Validation | null
  readonly notes: readonly Note[]
  /** What the regular expressions of its schemas count in the budget. */
  readonly regexBytes: number
}

const root = '/spec/validation'

/** Reads the schemas of one validation, and remembers what is wrong with them. */
class Schemas {
  readonly notes: Note[] = []
  regexBytes = 0
  #broken = false

  get broken(): boolean {
    return this.#broken
  }

  /** @returns the text; null when it cannot be used */
  take(read: ReadSchema, at: string): string | null {
    if (read.ok) {
      this.regexBytes += read.regexBytes
      return read.text
    }
    this.fail(
      note(
        'ResolvedRefs',
        'InvalidSchema',
        ...read.faults.map(({ pointer, reason }) => `${at}${pointer} (${schemaFaults[reason]})`),
      ),
    )
    return null
  }

  inline(schema: object, at: string, use: SchemaUse): string | null {
    return this.take(readInlineSchema(schema, use), at)
  }

  fail(one: Note): void {
    this.#broken = true
    this.notes.push(one)
  }
}

function bodyText(
  body: NonNullable<Spec['body']>,
  namespace: string,
  { references }: ValidationSources,
  schemas: Schemas,
): string | null {
  if (body.schema !== undefined) return schemas.inline(body.schema, `${root}/body/schema`, 'Body')
  const { name, key } = body.configMapRef!
  const found = references.schema(namespace, name, key)
  const at = `${root}/body/configMapRef`
  if (found.ok) return schemas.take(found.value, at)
  schemas.fail(unresolvedNote(found, at))
  return null
}

/** A validation of which a schema is missing or wrong stays, broken: it refuses what its policy covers (M7). */
export function validationOf(spec: Spec | undefined, namespace: string, sources: ValidationSources): MadeValidation {
  if (!spec) return { validation: null, notes: [], regexBytes: 0 }
  const schemas = new Schemas()
  const { headers, queryParams, pathParams, redirectParams } = spec
  const size = spec.maxBodySize === undefined ? null : bytesOf(spec.maxBodySize)
  const above = size !== null && size > sources.maxBodySize
  const ofHeaders = headers?.schema && schemas.inline(headers.schema, `${root}/headers/schema`, 'Headers')
  const ofQuery = queryParams && schemas.inline(queryParams.schema, `${root}/queryParams/schema`, 'Parameters')
  const ofPath = pathParams && schemas.inline(pathParams.schema, `${root}/pathParams/schema`, 'Parameters')
  const ofBody = spec.body && bodyText(spec.body, namespace, sources, schemas)
  return {
    validation: {
      maxBodySize: size === null ? null : Math.min(size, sources.maxBodySize),
      contentTypes: spec.contentTypes ?? null,
      headers: headers
        ? { required: (headers.required ?? []).map((one) => one.toLowerCase()), schema: ofHeaders ?? null }
        : null,
      queryParams: queryParams && ofQuery ? { onUnknown: queryParams.onUnknown, schema: ofQuery } : null,
      pathParams: ofPath ? { schema: ofPath } : null,
      body: spec.body && ofBody ? { schema: ofBody, maxDepth: spec.body.maxDepth } : null,
      redirectParams: redirectParams ? { names: redirectParams.names, allow: redirectParams.allow ?? [] } : null,
      broken: schemas.broken,
    },
    notes: [...schemas.notes, ...(above ? [note('Overridden', 'SizeAboveBound', `${root}/maxBodySize`)] : [])],
    regexBytes: schemas.regexBytes,
  }
}
