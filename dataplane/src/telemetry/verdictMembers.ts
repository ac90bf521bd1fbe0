import { ascii } from './asciiJson.ts'
import type { DecisionRecord } from './record.ts'

/** The members that a line has of what decided, and their text. */
interface Verdict extends Pick<DecisionRecord, 'code' | 'check'>, Omit<DecisionRecord['judgement'], 'principal'> {
  readonly text: string
}

/** Rules of a large installation. */
const maxRemembered = 16_384
/** The newest verdict by route and rule: of most rules the next one is the same. */
const remembered = new Map<string | null, Map<string | null, Verdict>>()
let count = 0

/** @returns the members `code` to `anomaly` of a decision's line: JSON in ASCII, without braces */
export function verdictMembers({ code, check, judgement }: DecisionRecord): string {
  const { route, rule, policy, item, level, anomaly } = judgement
  const last = remembered.get(route)?.get(rule)
  if (
    last !== undefined &&
    last.code === code &&
    last.check === check &&
    last.policy === policy &&
    last.item === item &&
    last.level === level &&
    last.anomaly === anomaly
  )
    return last.text
  const members = { code, check, route, rule, policy, item, level, anomaly }
  // One piece of memory, where a concatenation would be put together again for each line.
  const text = ascii(JSON.stringify(members)).slice(1, -1)
  if (last === undefined) makeRoom()
  remember({ ...members, text })
  return text
}

function makeRoom(): void {
  count++
  if (count <= maxRemembered) return
  remembered.clear()
  count = 1
}

function remember(verdict: Verdict): void {
  let rules = remembered.get(verdict.route)
  if (rules === undefined) remembered.set(verdict.route, (rules = new Map()))
  rules.set(verdict.rule, verdict)
}
