import { readJson } from '@gatehouse/language/json'
import { maxFindings, type Effort, type Finding, type Schema } from '@gatehouse/language/schema'

/** What is wrong with a body, or that it cannot be told with this effort. */
export type BodyVerdict = readonly Finding[] | 'exhausted'

/** A body and the schemas that it must fit, for a worker. */
export interface BodyJob {
  readonly bytes: Uint8Array
  readonly rules: readonly { readonly text: string; readonly maxDepth: number }[]
}

/** What a worker answers; `broken` = a schema cannot be used. */
export type BodyReply = BodyVerdict | 'broken'

/** One schema that a body must fit. */
export interface BodyRule {
  readonly schema: Schema
  readonly maxDepth: number
}

/** Most values and names of a body: what they take up is many times their text. */
const maxValues = 500_000

/** Names of findings begin with the place that they are in. */
export const inBody = ({ pointer, reason }: Finding): Finding => ({ pointer: `/body${pointer}`, reason })

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOf(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

/** Checks a body, in the place where it is: the main thread for small ones, a worker for others. */
export function checkBody(bytes: Uint8Array, rules: readonly BodyRule[], effort: Effort): BodyVerdict {
  const text = textOf(bytes)
  if (text === null) return [{ pointer: '/body', reason: 'not-utf8' }]
  const maxDepth = Math.min(...rules.map((rule) => rule.maxDepth))
  const read = readJson(text, { maxDepth, maxValues })
  if (!read.ok) return [{ pointer: '/body', reason: read.fault }]
  const findings: Finding[] = []
  for (const { schema } of rules) {
    const verdict = schema.check(read.value, effort)
    if (verdict === 'exhausted') return verdict
    findings.push(...verdict.map(inBody))
  }
  return findings.slice(0, maxFindings)
}
