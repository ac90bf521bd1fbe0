import { goodWhenAbsent, type Finding, type Verdict } from '@gatehouse/controller'
import type { FolderObjects } from './folder/content.ts'

const isGood = ({ type, status }: Finding): boolean => status === (goodWhenAbsent.has(type) ? 'False' : 'True')

/** All findings of a verdict, of its parents and its listeners. */
export const allFindings = ({ parents, listeners }: Verdict): readonly Finding[] =>
  [...parents, ...listeners].flatMap(({ findings }) => findings)

/** The first JSON pointer in a finding's message. */
export const pointerIn = (message: string): string => /(?:^|: )(\/[^\s,]*)/.exec(message)?.[1] ?? ''

/** What is not good about an object, one line each: file and line, what it is, and why. */
export function findingLines(verdict: Verdict, objects: FolderObjects): readonly string[] {
  const subject = `${verdict.kind} ${verdict.namespace}/${verdict.name}`
  const item = objects.get(subject)
  const bad = allFindings(verdict).filter((finding) => !isGood(finding) && finding.reason !== 'NotAccepted')
  const lines = bad.map(({ type, status, reason, message }) => {
    const place = item ? `${item.place.file}:${item.lineOf(pointerIn(message))}: ` : ''
    return `${place}${subject}: ${type}=${status} ${reason}: ${message}`
  })
  return [...new Set(lines)]
}
