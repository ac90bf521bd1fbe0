import { quoted, quotedName } from './asciiJson.ts'
import { originMembers } from './originMembers.ts'
import type { DecisionRecord } from './record.ts'
import { verdictMembers } from './verdictMembers.ts'

const text = (value: string | null): string => (value === null ? 'null' : quoted(value))
const name = (value: string | null): string => (value === null ? 'null' : quotedName(value))

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
  const { judgement, would, quotas, upstream } = record
  return (
    `{"time":"${time}","log":"${log}","requestId":"${record.requestId}",${originMembers(record)},"method":${quoted(record.method)},"host":${text(record.host)}` +
    `,"path":${text(record.path)},"clientAddress":${text(record.clientAddress)},"decision":"${record.decision}"` +
    `,"status":${record.status},${verdictMembers(record)},"principal":${name(judgement.principal)}` +
    (would === null ? nothingTried : wouldMembers(would)) +
    (quotas.length === 0 ? ',"quota":null,"quotaRemaining":null' : quotaMembers(quotas[0]!)) +
    (upstream === null ? noUpstream : upstreamMembers(upstream)) +
    `,"completed":${record.completed},"duration":${milliseconds(record.duration)}}`
  )
}

const noUpstream =
  ',"upstream":null,"upstreamAddress":null,"upstreamStatus":null,"upstreamHeadTime":null,"upstreamTries":null' +
  ',"upstreamFailure":null'

const nothingTried =
  ',"would":null,"wouldCode":null,"wouldCheck":null,"wouldPolicy":null,"wouldItem":null,"wouldLevel":null'

const wouldMembers = ({ outcome, code, check, policy, item, level }: NonNullable<DecisionRecord['would']>): string =>
  `,"would":"${outcome}","wouldCode":${name(code)},"wouldCheck":${name(check)}` +
  `,"wouldPolicy":${name(policy)},"wouldItem":${name(item)},"wouldLevel":${level}`

const quotaMembers = (quota: DecisionRecord['quotas'][number]): string =>
  `,"quota":${quotedName(quota.rate.quota)},"quotaRemaining":${quota.remaining}`

const upstreamMembers = ({
  upstream,
  address,
  status,
  headTime,
  tries,
  failure,
}: NonNullable<DecisionRecord['upstream']>): string =>
  `,"upstream":${quotedName(upstream)},"upstreamAddress":${name(address)},"upstreamStatus":${status}` +
  `,"upstreamHeadTime":${milliseconds(headTime)},"upstreamTries":${tries},"upstreamFailure":${name(failure)}`
