import type { Json } from '@gatehouse/crds'
import type { AdmittedObject } from '../admission/admit.ts'
import { placeText } from './documents.ts'
import { readObjects, subjectOf, type Fault, type FileContent, type FolderObject } from './objects.ts'
import { policyTargets } from './policyTargets.ts'
import type { Reading } from './reading.ts'

/** The objects of a folder, by {@link subjectOf}. */
export type FolderObjects = ReadonlyMap<string, FolderObject>

/** What a reading of a folder comes to. */
export interface FolderContent {
  readonly objects: FolderObjects
  /** In the order of files and lines. */
  readonly faults: readonly Fault[]
  /** How many documents are of kinds that Gatehouse does not look at. */
  readonly passedOver: number
}

export const emptyFolder: FolderContent = { objects: new Map(), faults: [], passedOver: 0 }

/** What is said of documents that are passed over; nothing when there are none. */
export const passedOverText = ({ passedOver }: FolderContent): string =>
  passedOver === 0
    ? ''
    : passedOver === 1
      ? '1 document of another kind is passed over\n'
      : `${passedOver} documents of other kinds are passed over\n`

const unreadableFaults = ({ unreadable }: Reading): readonly Fault[] =>
  [...unreadable].map(([file, message]) => ({
    place: { file, line: 0 },
    subject: null,
    targets: [],
    message,
    readable: false,
  }))

/** Takes the objects of all files; of one that is stated twice, only the first. */
function collect(files: readonly FileContent[]): { objects: Map<string, FolderObject>; twins: Fault[] } {
  const objects = new Map<string, FolderObject>()
  const twins: Fault[] = []
  for (const item of files.flatMap((file) => file.objects)) {
    const subject = subjectOf(item.object)
    const first = objects.get(subject)
    const message = first && `is stated twice, first in ${first.place.file}:${first.place.line}; remove one`
    if (message === undefined) objects.set(subject, item)
    else twins.push({ place: item.place, subject, targets: policyTargets(item.object), message, readable: true })
  }
  return { objects, twins }
}

/** Whether a fault may be the reason why an object is no longer there; one that names no object may be about any. */
const mayHide = (fault: Fault, subject: string, { place }: FolderObject): boolean =>
  fault.subject === null || fault.subject === subject || fault.place.file === place.file

/**
 * Makes objects of a reading. An object that the API server would refuse keeps its previous version. As long as
 * anything is wrong with a file nothing that it stated before goes away, and as long as nobody can tell what a document
 * is about nothing goes away at all: a lost Deny must never be an opening.
 *
 * @param previous - what the reading before came to
 */
export function contentOf(reading: Reading, previous: FolderContent): FolderContent {
  const files = [...reading.texts].map(([file, text]) => readObjects(file, text))
  const { objects, twins } = collect(files)
  const faults = [...unreadableFaults(reading), ...files.flatMap((file) => file.faults), ...twins]
  for (const [subject, before] of previous.objects) {
    const twin = twins.some((fault) => fault.subject === subject)
    const hidden = !objects.has(subject) && faults.some((fault) => mayHide(fault, subject, before))
    if (twin || hidden) objects.set(subject, before)
  }
  return { objects, faults, passedOver: files.reduce((sum, file) => sum + file.passedOver, 0) }
}

/**
 * The objects as the compiler reads them.
 *
 * @param more - one that the folder does not have; null = none
 */
export const documentsOf = (objects: FolderObjects, more: AdmittedObject | null): readonly Json[] =>
  [...[...objects.values()].map(({ object }) => object), ...(more ? [more] : [])] as unknown as readonly Json[]

/** A fault as a line of text, without control characters of its own. */
export function faultLine({ place, subject, message }: Fault): string {
  return `${placeText(place)}: ${subject === null ? '' : `${subject}: `}${message}`
}
