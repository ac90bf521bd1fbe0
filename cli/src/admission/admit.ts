import { withDefaults } from '@gatehouse/crds'
import { admittedKinds, type AdmittedKind } from './kinds.ts'
import { badKeys, ownMetadata } from './metadata.ts'
import { brokenRules } from './rules.ts'
import { at, isObject, structureFaults, unknownMembers, type AdmissionError, type JsonObject } from './shape.ts'

export type Admission =
  | { readonly ok: true; readonly object: AdmittedObject }
  | { readonly ok: false; readonly errors: readonly AdmissionError[] }

/** An object as the API server would keep it, without what only a server knows (uid, generation, status …). */
export interface AdmittedObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    /** Absent for a Namespace; `default` where the document names none. */
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [key: string]: unknown
}

const refused = (path: string, message: string): Admission => ({ ok: false, errors: [{ path, message }] })

/** The kind of a document, when it is one that Gatehouse reads. */
function kindOf(document: JsonObject): AdmittedKind | null {
  const name = document['kind']
  const kind = typeof name === 'string' ? admittedKinds.get(name) : undefined
  return kind && kind.apiVersion === document['apiVersion'] ? kind : null
}

/** Says which of kind and apiVersion is wrong, and what would be right. */
function strange(document: JsonObject): Admission {
  const name = document['kind']
  const known = typeof name === 'string' ? admittedKinds.get(name) : undefined
  if (known) return refused('/apiVersion', `must be "${known.apiVersion}" for kind ${known.kind}`)
  return refused('/kind', `must be one of ${[...admittedKinds.keys()].map((kind) => `"${kind}"`).join(', ')}`)
}

/** Whether {@link admit} knows the kind of this document; another kind may be meant for someone else. */
export const isGatehouseDocument = (document: unknown): boolean => isObject(document) && kindOf(document) !== null

function faultsOf(kind: AdmittedKind, object: JsonObject): readonly AdmissionError[] {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {}
  const keys = badKeys(metadata).map(([member, key]) => ({
    path: at(`/metadata/${member}`, key),
    message: 'is not a valid key: an optional DNS prefix and "/", then letters, digits, "-", "_" and "."',
  }))
  const structure = structureFaults(kind.shape, object, '')
  if (keys.length > 0 || structure.length > 0) return [...keys, ...structure]
  return [...brokenRules(kind.shape, object, ''), ...kind.faults(object)]
}

/**
 * Does to a document what the API server would when it is created with strict field validation: refuses unknown
 * fields, applies defaults, turns `stringData` into `data`, checks structure, uniqueness and the rules of the schema.
 *
 * @param document - parsed YAML or JSON
 */
export function admit(document: unknown): Admission {
  if (!isObject(document)) return refused('', 'must be an object with apiVersion, kind and metadata')
  for (const key of ['apiVersion', 'kind'])
    if (typeof document[key] !== 'string') return refused(`/${key}`, 'is required')
  const kind = kindOf(document)
  if (!kind) return strange(document)
  const unknown = unknownMembers(kind.shape, document, '')
  const { status: _, ...stated } = document
  const prepared = kind.prepare(withDefaults(kind.shape, stated) as JsonObject)
  const complete = withDefaults(kind.shape, prepared) as JsonObject
  const errors = [...unknown, ...faultsOf(kind, complete)]
  if (errors.length > 0) return { ok: false, errors }
  const metadata = ownMetadata(complete['metadata'] as JsonObject, kind.namespaced)
  return { ok: true, object: { ...complete, metadata } as unknown as AdmittedObject }
}
