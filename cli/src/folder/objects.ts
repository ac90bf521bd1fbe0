import { group, kinds } from '@gatehouse/crds'
import { admit, isGatehouseDocument, type AdmittedObject } from '../admission/admit.ts'
import { admittedKinds } from '../admission/kinds.ts'
import { readDocuments, type Place, type SourceDocument } from './documents.ts'
import { policyTargets, type PolicyTarget } from './policyTargets.ts'

/** An object as it is written in a file, and as the API server would keep it. */
export interface FolderObject {
  readonly place: Place
  readonly object: AdmittedObject
  /** The line of a JSON pointer into the object. */
  lineOf(pointer: string): number
}

/** Something in a folder that the API server would refuse, or that nobody can read. */
export interface Fault {
  readonly place: Place
  /** Kind and name of the object; null when they cannot be told. */
  readonly subject: string | null
  /** What the object is about, when it is an AccessPolicy. */
  readonly targets: readonly PolicyTarget[]
  /** A sentence without subject. */
  readonly message: string
  /** False when it is a matter of form: not YAML, or not readable at all. */
  readonly readable: boolean
}

/** What a file holds. */
export interface FileContent {
  readonly objects: readonly FolderObject[]
  readonly faults: readonly Fault[]
  /** Documents of kinds that Gatehouse does not look at. */
  readonly passedOver: number
}

/** Kind, namespace and name of an object; unique in a cluster. */
export function subjectOf(object: Pick<AdmittedObject, 'kind' | 'metadata'>): string {
  const { namespace, name } = object.metadata
  return `${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`
}

const textOf = (value: unknown, name: string): string | undefined => {
  const member: unknown =
    typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined
  return typeof member === 'string' ? member : undefined
}

const metadataOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'metadata' in value ? value.metadata : undefined

/** What a document that is no object of ours claims to be; null when it does not say. */
function claimedSubject(value: unknown): string | null {
  const kind = textOf(value, 'kind')
  const name = textOf(metadataOf(value), 'name')
  if (kind === undefined || name === undefined) return null
  const namespace = kind === 'Namespace' ? undefined : (textOf(metadataOf(value), 'namespace') ?? 'default')
  return subjectOf({ kind, metadata: { name, ...(namespace !== undefined && { namespace }) } })
}

/**
 * Whether a document may be meant for someone else. One of our group, one of our kinds in another group, and a
 * built-in kind in a version that does not exist are mistakes.
 */
function isForOthers(value: unknown): boolean {
  const apiVersion = textOf(value, 'apiVersion')
  const kind = textOf(value, 'kind')
  if (apiVersion === undefined || kind === undefined || isGatehouseDocument(value)) return false
  const itsGroup = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  if (itsGroup === group || Object.hasOwn(kinds, kind)) return false
  return !admittedKinds.has(kind) || itsGroup.includes('.')
}

function faultsOf(document: SourceDocument, errors: readonly { path: string; message: string }[]): readonly Fault[] {
  return errors.map(({ path, message }) => ({
    place: { file: document.place.file, line: document.lineOf(path) },
    subject: claimedSubject(document.value),
    targets: policyTargets(document.value),
    message: path === '' ? message : `${path} ${message}`,
    readable: true,
  }))
}

/** Does to each document of a file what the API server would. */
export function readObjects(file: string, text: string): FileContent {
  const { documents, faults: syntax } = readDocuments(file, text)
  const objects: FolderObject[] = []
  const faults: Fault[] = syntax.map((fault) => ({ ...fault, subject: null, targets: [], readable: false }))
  let passedOver = 0
  for (const document of documents) {
    if (isForOthers(document.value)) {
      passedOver++
      continue
    }
    const admission = admit(document.value)
    if (admission.ok) objects.push({ place: document.place, object: admission.object, lineOf: document.lineOf })
    else faults.push(...faultsOf(document, admission.errors))
  }
  return { objects, faults, passedOver }
}
