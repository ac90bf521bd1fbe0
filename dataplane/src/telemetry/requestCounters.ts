import { checks, type Check, type Would } from '../gateway/refusal.ts'
import type { DecisionRecord, UpstreamOutcome } from './record.ts'
import type { UpstreamFailure } from './upstreamFailure.ts'

const codeClasses = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const
const columns = ['none', ...checks] as const
const columnOf = new Map<Check | null, number>([[null, 0], ...checks.map((check, i) => [check, i + 1] as const)])

/** Upper bounds of the duration buckets, in seconds. */
export const durationBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const

/** A value with its labels, as an exporter wants it. */
export interface Sample {
  readonly labels: { readonly [label: string]: string }
  readonly value: number
  /** Suffix of the family's name; only in histograms. */
  readonly suffix?: '_bucket' | '_sum' | '_count'
}

/** Requests by class of the status and check, in one array. */
class CodeTable {
  readonly #cells = new Float64Array(codeClasses.length * columns.length)

  count(status: number, check: Check | null): void {
    const row = Math.min(codeClasses.length - 1, Math.max(0, Math.floor(status / 100) - 1))
    this.#cells[row * columns.length + columnOf.get(check)!]!++
  }

  samples(labels: { readonly [label: string]: string }): Sample[] {
    return [...this.#cells].flatMap((value, cell) => {
      if (value === 0) return []
      const code_class = codeClasses[Math.floor(cell / columns.length)]!
      return [{ labels: { ...labels, code_class, check: columns[cell % columns.length]! }, value }]
    })
  }
}

interface ListenerRow {
  readonly codes: CodeTable
  readonly buckets: Float64Array
  /** Seconds. */
  durations: number
  incomplete: number
}

/**
 * Counts requests without formatting or allocating anything for them. Its rows are named by the configuration: a
 * listener or a rule, never by what a client sent.
 */
export class RequestCounters {
  readonly #listeners = new Map<string, ListenerRow>()
  readonly #rules = new Map<string, Map<string, CodeTable>>()
  readonly #outcomes = new Map<string, number>()
  readonly #failures = new Map<UpstreamFailure, number>()
  readonly #trials = new Map<Would['outcome'], Map<Check | null, number>>()
  readonly #perRoute: boolean

  constructor(perRoute: boolean) {
    this.#perRoute = perRoute
  }

  count(record: DecisionRecord): void {
    const row = this.#listener(record.listener)
    row.codes.count(record.status, record.check)
    const seconds = record.duration / 1000
    row.durations += seconds
    row.buckets[bucketOf(seconds)]!++
    if (!record.completed) row.incomplete++
    const { route, rule } = record.judgement
    if (this.#perRoute && route !== null && rule !== null) this.#rule(route, rule).count(record.status, record.check)
    if (record.would !== null) this.#try(record.would)
    if (record.upstream !== null) this.#ask(record.upstream, record.code)
  }

  #ask({ status, failure }: UpstreamOutcome, code: DecisionRecord['code']): void {
    const outcome = status === null ? (code ?? 'aborted') : `${Math.floor(status / 100)}xx`
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1)
    if (failure !== null) this.#failures.set(failure, (this.#failures.get(failure) ?? 0) + 1)
  }

  #try({ outcome, check }: Would): void {
    let counts = this.#trials.get(outcome)
    if (counts === undefined) this.#trials.set(outcome, (counts = new Map()))
    counts.set(check, (counts.get(check) ?? 0) + 1)
  }

  trials(): Sample[] {
    return [...this.#trials].flatMap(([would, counts]) =>
      [...counts].map(([check, value]) => ({ labels: { would, check: check ?? 'none' }, value })),
    )
  }

  /** Forgets the counts of routes that are gone. @param routes - `namespace/name` of those that exist */
  retain(routes: Pick<ReadonlySet<string>, 'has'>): void {
    for (const route of this.#rules.keys()) if (!routes.has(route)) this.#rules.delete(route)
  }

  requests(): Sample[] {
    return [...this.#listeners].flatMap(([listener, row]) => row.codes.samples({ listener }))
  }

  incomplete(): Sample[] {
    return [...this.#listeners].map(([listener, row]) => ({ labels: { listener }, value: row.incomplete }))
  }

  routeRequests(): Sample[] {
    return [...this.#rules].flatMap(([route, rules]) =>
      [...rules].flatMap(([rule, codes]) => codes.samples({ route, rule })),
    )
  }

  upstreamRequests(): Sample[] {
    return [...this.#outcomes].map(([outcome, value]) => ({ labels: { outcome }, value }))
  }

  upstreamFailures(): Sample[] {
    return [...this.#failures].map(([reason, value]) => ({ labels: { reason }, value }))
  }

  durations(): Sample[] {
    return [...this.#listeners].flatMap(([listener, row]) => {
      let sum = 0
      const buckets = [...row.buckets].map((count, index): Sample => {
        sum += count
        const le = index < durationBounds.length ? String(durationBounds[index]) : '+Inf'
        return { suffix: '_bucket', labels: { listener, le }, value: sum }
      })
      return [
        ...buckets,
        { suffix: '_sum' as const, labels: { listener }, value: row.durations },
        { suffix: '_count' as const, labels: { listener }, value: sum },
      ]
    })
  }

  #listener(name: string): ListenerRow {
    let row = this.#listeners.get(name)
    if (row === undefined) {
      const buckets = new Float64Array(durationBounds.length + 1)
      row = { codes: new CodeTable(), buckets, durations: 0, incomplete: 0 }
      this.#listeners.set(name, row)
    }
    return row
  }

  #rule(route: string, rule: string): CodeTable {
    let rules = this.#rules.get(route)
    if (rules === undefined) this.#rules.set(route, (rules = new Map()))
    let codes = rules.get(rule)
    if (codes === undefined) rules.set(rule, (codes = new CodeTable()))
    return codes
  }
}

function bucketOf(seconds: number): number {
  const bucket = durationBounds.findIndex((bound) => seconds <= bound)
  return bucket < 0 ? durationBounds.length : bucket
}
