import { maxOpenCircuits, type OpenCircuit } from '@gatehouse/contract'
import { PacedReport, type PacedReportOptions } from './pacedReport.ts'
import { namespaceOf } from './policy/namespaceOf.ts'
import { breakerOwner, type BreakerState } from './state/breakers.ts'

export interface CircuitReportsOptions extends Pick<PacedReportOptions<unknown>, 'changed' | 'clock'> {
  /** The state of each breaker. */
  readonly states: () => Iterable<{ readonly key: string; readonly state: BreakerState }>
}

/** As many as can be read, one of each namespace in turn: who has many open keeps no other from being named (M16). */
function chosen(keys: readonly string[]): readonly string[] {
  const known = new Map<string, number>()
  const ranked = keys.map((key) => {
    const namespace = namespaceOf(key)
    const rank = known.get(namespace) ?? 0
    known.set(namespace, rank + 1)
    return { key, rank }
  })
  const first = ranked.sort((a, b) => a.rank - b.rank).slice(0, maxOpenCircuits)
  return first.map(({ key }) => key).sort()
}

/** Circuits that are open, or tried again, sorted: no more of them than can be read. */
export function circuitReports({ states, ...rest }: CircuitReportsOptions): PacedReport<readonly OpenCircuit[]> {
  const read = (): readonly OpenCircuit[] => {
    const keys = [...states()].flatMap(({ key, state }) => (state === 'closed' ? [] : [key])).sort()
    return chosen(keys).map(breakerOwner)
  }
  return new PacedReport({ initial: [], read, ...rest })
}
