import { ascii } from './asciiJson.ts'
import type { DecisionRecord } from './record.ts'

/** The members `revision` and `listener` of a decision's line, and their text. */
interface Origin extends Pick<DecisionRecord, 'revision' | 'listener'> {
  readonly text: string
}

/** By listener: far more than one configuration may name. */
const maxRemembered = 1000
const remembered = new Map<string, Origin>()

/** @returns the members `revision` and `listener` of a decision's line: JSON in ASCII, without braces */
export function originMembers({ revision, listener }: DecisionRecord): string {
  const last = remembered.get(listener)
  if (last?.revision === revision) return last.text
  if (remembered.size === maxRemembered) remembered.clear()
  const text = ascii(JSON.stringify({ revision, listener })).slice(1, -1)
  remembered.set(listener, { revision, listener, text })
  return text
}
