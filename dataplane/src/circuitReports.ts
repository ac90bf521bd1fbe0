import { maxOpenCircuits, type OpenCircuit } from '@gatehouse/contract'
import { PacedReport, type PacedReportOptions } from './pacedReport.ts'
import { breakerOwner, type BreakerState } from './state/breakers.ts'

export interface CircuitReportsOptions extends Pick<PacedReportOptions<unknown>, 'changed' | 'clock'> {
  /** The state of each breaker. */
  readonly states: () => Iterable<{ readonly key: string; readonly state: BreakerState }>
}

/** Circuits that are open, or tried again, sorted: no more of them than can be read. */
export function circuitReports({ states, ...rest }: CircuitReportsOptions): PacedReport<readonly OpenCircuit[]> {
  const read = (): readonly OpenCircuit[] => {
    const keys = [...states()].flatMap(({ key, state }) => (state === 'closed' ? [] : [key])).sort()
    return keys.slice(0, maxOpenCircuits).map(breakerOwner)
  }
  return new PacedReport({ initial: [], read, ...rest })
}
