import type { Explanation, Step } from '@gatehouse/dataplane'
import { columns } from '../columns.ts'
import { plainText } from '../plainText.ts'
import type { ConditionNote } from './conditions.ts'
import { levelName } from './level.ts'

/** Everything that `gatehouse explain` has to say. */
export interface Report {
  readonly request: { readonly method: string; readonly url: string }
  readonly gatehouse: string
  readonly explanation: Explanation
  readonly conditions: readonly ConditionNote[]
  /** What the answer rests on. */
  readonly notes: readonly string[]
}

/** Most steps that are shown to people; JSON has all. */
const maxSteps = 100

const quiet: ReadonlySet<Step['outcome']> = new Set(['not-concerned', 'not-reached'])

function stepRows(steps: readonly Step[]): readonly (readonly string[])[] {
  return steps.map(({ check, outcome, policy, level, item }) => [
    check,
    outcome,
    policy ?? '-',
    levelName(level) ?? '-',
    item ?? '-',
  ])
}

interface Decider {
  readonly policy: string | null
  readonly item: string | null
  readonly level: number | null
}

function byWhom({ policy, item, level }: Decider): string {
  if (policy === null) return ''
  return ` by ${item === null ? '' : `${item} of `}${policy} (${levelName(level) ?? 'no level'})`
}

function decision(explanation: Explanation): string {
  const { allowed, code, status, check } = explanation
  if (allowed) return `allowed${byWhom(explanation)}`
  return `refused: ${status} ${code}, check ${check}${byWhom(explanation)}`
}

function becoming({ becomes }: Explanation): readonly string[] {
  if (becomes === null) return []
  if (becomes.type === 'Forward') return [`goes to a backend as ${becomes.path}`]
  const { status } = becomes
  return [`answered by the gateway: ${status}${becomes.type === 'Redirect' ? ` to ${becomes.location}` : ''}`]
}

function shadow({ would }: Explanation): readonly string[] {
  if (would === null) return []
  const { outcome, code } = would
  return [`shadow: ${outcome}${code === null ? '' : `, ${code}`}${byWhom(would)}`]
}

/** The report as text for people. */
export function textOf({ request, gatehouse, explanation, conditions, notes }: Report): string {
  const { listener, route, rule, principal, steps } = explanation
  const shown = steps.filter(({ outcome }) => !quiet.has(outcome)).slice(0, maxSteps)
  const left = steps.length - shown.length
  const lines = [
    `${request.method} ${request.url}`,
    `gatehouse ${gatehouse}, listener ${listener ?? 'none'}, route ${route ?? 'none'}, rule ${rule ?? 'none'}`,
    `principal ${principal ?? 'none'}`,
    '',
    ...columns([['CHECK', 'OUTCOME', 'POLICY', 'LEVEL', 'ITEM'], ...stepRows(shown)]),
    ...(left > 0 ? [`and ${left} that did not matter; -o json has them`] : []),
    '',
    decision(explanation),
    ...becoming(explanation),
    ...shadow(explanation),
    ...conditions.map(({ policy, type, message }) => `${type}: ${policy}: ${message}`),
    ...notes.map((text) => `note: ${text}`),
  ]
  return lines.map((line) => `${plainText(line)}\n`).join('')
}

/** The report as JSON whose strings no terminal obeys. */
export function jsonOf({ request, gatehouse, explanation, conditions, notes }: Report): string {
  const { level, steps, would, allowed, ...rest } = explanation
  const named = <T extends Decider>(one: T) => ({ ...one, level: levelName(one.level) })
  const report = {
    request,
    gatehouse,
    decision: allowed ? 'allow' : 'deny',
    ...rest,
    level: levelName(level),
    steps: steps.map(named),
    would: would && named(would),
    conditions,
    notes,
  }
  return `${JSON.stringify(report, null, 2).split('\n').map(plainText).join('\n')}\n`
}
