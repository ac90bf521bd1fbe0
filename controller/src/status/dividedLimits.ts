import { sentence } from '../compile/findings.ts'
import type { DividedLimit, Finding } from '../compile/verdict.ts'

const short = (limits: readonly DividedLimit[], dataPlanes: number): readonly DividedLimit[] =>
  limits.filter(({ limit }) => limit < dataPlanes)

/** What changes with the number of data planes: as long as it is the same for the same limits, so are their findings. */
export const dividedWord = (limits: readonly DividedLimit[], dataPlanes: number): string =>
  String(short(limits, dataPlanes).length)

/** Takes back that an object is accepted where there are more data planes than one of its limits has whole units. */
export function withDivided(
  findings: readonly Finding[],
  limits: readonly DividedLimit[],
  dataPlanes: number,
): readonly Finding[] {
  const places = short(limits, dataPlanes).map(({ at }) => at)
  if (places.length === 0) return findings
  return findings.map((one): Finding => {
    if (one.type !== 'Accepted' || one.status !== 'True') return one
    const reason = 'LimitBelowDataPlanes'
    return { type: 'Accepted', status: 'False', reason, message: sentence(reason, places) }
  })
}
