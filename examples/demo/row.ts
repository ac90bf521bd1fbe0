import { columns } from '../../cli/src/columns.ts'
import type { Answer } from './client.ts'
import type { Decision } from './gateway.ts'

/** One line of the demo's table. */
export interface Row {
  readonly what: string
  readonly sent: string
  /** Computed from the answer. */
  readonly answer: string
  /** Computed from the decision record. */
  readonly decidedBy: string
  /** Computed from what the backend received. */
  readonly backend: string
  /** What is not as it must be; none = as expected. */
  readonly differences: readonly string[]
}

/** Status, and the code when the gateway answered itself. */
export const answerText = ({ status, code }: Pick<Answer, 'status' | 'code'>): string =>
  code === null ? String(status) : `${status} ${code}`

/** Who decided: the check that ended the request, or the rule that allowed it. */
export function decidedBy({ check, policy, item, route }: Decision): string {
  if (check === 'authorization' && item === null) return 'authorization, no Allow matches'
  const name = policy ?? (route === null ? '' : `route ${route}`)
  const who = item === null ? name : `${name}/${item}`
  return `${check ?? 'allowed by'} ${who}`.trim()
}

/** Says where two texts differ. */
export const difference = (what: string, expected: string, found: string): readonly string[] =>
  expected === found ? [] : [`${what}: expected ${expected}, found ${found}`]

/** The table, with what is not as expected under its line. */
export function tableText(rows: readonly Row[]): string {
  const head = ['', 'WHAT', 'SENT', 'ANSWER', 'WHY', 'BACKEND']
  const lines = columns([
    head,
    ...rows.map(({ what, sent, answer, decidedBy: why, backend, differences }) => [
      differences.length === 0 ? 'ok' : 'NO',
      what,
      sent,
      answer,
      why,
      backend,
    ]),
  ])
  return lines
    .flatMap((line, index) => [line, ...(rows[index - 1]?.differences ?? []).map((text) => `     ${text}`)])
    .map((line) => `${line}\n`)
    .join('')
}
