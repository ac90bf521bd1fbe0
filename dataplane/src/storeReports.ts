import type { StoreFault } from '@gatehouse/contract'
import { PacedReport, type PacedReportOptions } from './pacedReport.ts'

export interface StoreReportsOptions extends Pick<PacedReportOptions<unknown>, 'changed' | 'clock'> {
  /** Why each store is down; null = it is not. */
  readonly faults: () => readonly (StoreFault | null)[]
}

/**
 * What a data plane reports of its store: why it is down, or was since the last look, so that one that comes and goes is
 * not called well in between. While something is reported, it is looked again.
 */
export class StoreReports {
  readonly #report: PacedReport<StoreFault | null>
  readonly #faults: StoreReportsOptions['faults']
  /** Why it went down since the last look. */
  #fell: StoreFault | null = null

  constructor({ faults, ...rest }: StoreReportsOptions) {
    this.#faults = faults
    this.#report = new PacedReport<StoreFault | null>({ initial: null, read: () => this.#read(), ...rest })
  }

  /** Null = it can be counted in, or there is none. */
  get fault(): StoreFault | null {
    return this.#report.reported
  }

  /** To be called when a store has gone down. */
  fell(fault: StoreFault): void {
    this.#fell = fault
    this.#report.moved()
  }

  close(): void {
    this.#report.close()
  }

  #read(): StoreFault | null {
    const faults = this.#faults()
    const found = faults.find((fault) => fault !== null) ?? (faults.length > 0 ? this.#fell : null)
    this.#fell = null
    if (found !== null) this.#report.moved()
    return found
  }
}
