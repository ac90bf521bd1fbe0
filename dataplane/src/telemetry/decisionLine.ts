import { quoted } from './asciiJson.ts'
import type { DecisionRecord } from './record.ts'

const text = (value: string | null): string => (value === null ? 'null' : quoted(value))

/** With microseconds. In two whole numbers, because formatting a fraction costs as much as the rest of the line. */
function milliseconds(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return 'null'
  const microseconds = Math.max(0, Math.round(value * 1000))
  const whole = Math.trunc(microseconds / 1000)
  const rest = microseconds - whole * 1000
  return `${whole}.${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}`
}

/**
 * The line of the audit or security log that tells what became of a request: JSON in ASCII with the members of
 * `decisionFields`, in their order. Written by hand because there is one for every request.
 *
 * @param time - RFC 3339
 */
export function decisionLine(record: DecisionRecord, log: 'audit' | 'security', time: string): string {
  const { judgement, quota, upstream } = record
  return (
    `{"time":"${time}","log":"${log}","requestId":${quoted(record.requestId)},"revision":${text(record.revision)}` +
    `,"listener":${quoted(record.listener)},"method":${quoted(record.method)},"host":${text(record.host)}` +
    `,"path":${text(record.path)},"clientAddress":${quoted(record.clientAddress)},"decision":"${record.decision}"` +
    `,"status":${record.status},"code":${text(record.code)},"check":${text(record.check)}` +
    `,"route":${text(judgement.route)},"rule":${text(judgement.rule)},"policy":${text(judgement.policy)}` +
    `,"item":${text(judgement.item)},"level":${judgement.level},"principal":${text(judgement.principal)}` +
    (quota === null ? ',"quota":null,"quotaRemaining":null' : quotaMembers(quota)) +
    (upstream === null ? noUpstream : upstreamMembers(upstream)) +
    `,"completed":${record.completed},"duration":${milliseconds(record.duration)}}`
  )
}

const noUpstream = ',"upstream":null,"upstreamAddress":null,"upstreamStatus":null,"upstreamHeadTime":null'

const quotaMembers = ({ name, remaining }: NonNullable<DecisionRecord['quota']>): string =>
  `,"quota":${quoted(name)},"quotaRemaining":${remaining}`

const upstreamMembers = ({ upstream, address, status, headTime }: NonNullable<DecisionRecord['upstream']>): string =>
  `,"upstream":${quoted(upstream)},"upstreamAddress":${text(address)},"upstreamStatus":${status}` +
  `,"upstreamHeadTime":${milliseconds(headTime)}`
