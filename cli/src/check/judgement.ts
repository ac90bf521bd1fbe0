import type { ConditionStatus, ConditionType, Finding } from '@gatehouse/controller'
import { pointerIn } from '../findings.ts'
import { folderAdvice } from '../folderAdvice.ts'
import { documentsOf, type FolderContent } from '../folder/content.ts'
import type { Fault, FolderObject } from '../folder/objects.ts'
import { verdictsOf } from './verdicts.ts'

/** One condition of an object, with the line that it is about. */
export interface JudgedCondition {
  readonly type: ConditionType
  readonly status: ConditionStatus
  readonly reason: string
  readonly message: string
  readonly line: number
}

/** An object of the folder and what can be said about it without a cluster. */
export interface JudgedObject {
  readonly file: string
  readonly line: number
  readonly kind: string
  /** Absent for objects without namespace. */
  readonly namespace?: string
  readonly name: string
  readonly conditions: readonly JudgedCondition[]
}

/** What `gatehouse check` has to say. */
export interface Judgement {
  readonly objects: readonly JudgedObject[]
  /** What nobody can read; `line` is 0 where it is a whole file or folder. */
  readonly unreadable: readonly { readonly file: string; readonly line: number; readonly message: string }[]
  /** What would protect or open routes without a policy. */
  readonly advice: readonly string[]
}

const types: readonly ConditionType[] = [
  'Accepted',
  'ResolvedRefs',
  'Protected',
  'PartiallyInvalid',
  'Conflicted',
  'Overridden',
  'AddressesUnknown',
]
const severity: { readonly [S in ConditionStatus]: number } = { False: 0, Unknown: 1, True: 2 }

/** The worst finding of each type; what follows from not being accepted is left to that. */
function conditionsOf(findings: readonly Finding[], item: FolderObject): readonly JudgedCondition[] {
  return types.flatMap((type) => {
    const [worst] = findings
      .filter((finding) => finding.type === type)
      .toSorted((a, b) => severity[a.status] - severity[b.status])
    if (!worst) return []
    const { status, reason, message } = worst
    return [{ type, status, reason, message, line: item.lineOf(pointerIn(message)) }]
  })
}

const accepted = (line: number): readonly JudgedCondition[] => [
  { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'Accepted', line },
]

function judged(item: FolderObject, findings: readonly Finding[] | undefined): JudgedObject {
  const { kind, metadata } = item.object
  return {
    ...item.place,
    kind,
    ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
    name: metadata.name,
    conditions: findings ? conditionsOf(findings, item) : accepted(item.place.line),
  }
}

/** The object that a fault is about, as far as the document says. */
function refusedObject(faults: readonly Fault[]): JudgedObject {
  const [{ place, subject }] = faults as readonly [Fault, ...Fault[]]
  const [kind = '?', full = '?'] = subject?.split(' ') ?? []
  const [namespace, name] = full.includes('/') ? full.split('/', 2) : [undefined, full]
  return {
    ...place,
    kind,
    ...(namespace !== undefined && { namespace }),
    name: name ?? '?',
    conditions: faults.map((fault) => ({
      type: 'Accepted',
      status: 'False',
      reason: 'Invalid',
      message: fault.message,
      line: fault.place.line,
    })),
  }
}

const byPlace = (a: JudgedObject, b: JudgedObject): number =>
  a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1

/** Says of each object of a folder what a controller would, as far as it can be known without a cluster. */
export function judge(content: FolderContent): Judgement {
  const { findings, compilations } = verdictsOf(documentsOf(content.objects, null))
  const refused = Map.groupBy(
    content.faults.filter(({ readable }) => readable),
    ({ place, subject }) => (subject === null ? `${place.file}:${place.line}` : `${place.file} ${subject}`),
  )
  const objects = [
    ...[...content.objects].map(([subject, item]) => judged(item, findings.get(subject))),
    ...[...refused.values()].map(refusedObject),
  ]
  return {
    objects: objects.sort(byPlace),
    unreadable: content.faults.filter(({ readable }) => !readable).map(({ place, message }) => ({ ...place, message })),
    advice: folderAdvice(content, compilations),
  }
}
