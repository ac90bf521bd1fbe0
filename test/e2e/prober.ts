import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'
import { listenerPort } from './installation.ts'

/** What one data plane answered over time. */
export interface Prober {
  /** The next answer that is `wanted`; times in milliseconds of the monotonic clock, when the answer came. */
  first(wanted: string): Promise<number>
  /** Answers that were neither of the two known kinds, so far. */
  third(): number
  /** Answers of the kind before, that came after the first of the present kind. */
  stale(): number
  answers(): number
  close(): Promise<void>
}

export interface ProbeOptions {
  readonly address: string
  readonly host: string
  readonly ca: string
  /** Milliseconds between two requests. */
  readonly interval: number
  /** The kinds of answer that are right; any other is of a third kind. */
  readonly kinds: ReadonlySet<string>
  /** The kind that is there at the start. */
  readonly initial: string
}

/** Asks one data plane again and again over kept connections. */
export function startProber(options: ProbeOptions): Prober {
  const { address, host, ca, interval, kinds } = options
  const pool = new Pool(`https://${address}:${listenerPort}`, { connections: 4, connect: { ca, servername: host } })
  const waiting = new Map<string, (time: number) => void>()
  const counts = { third: 0, stale: 0, answers: 0 }
  let present = options.initial
  let awaited: string | null = null
  const take = (kind: string): void => {
    counts.answers++
    if (!kinds.has(kind)) counts.third++
    else if (kind === awaited) {
      present = kind
      awaited = null
      waiting.get(kind)?.(performance.now())
      waiting.delete(kind)
    } else if (kind !== present) counts.stale++
  }
  const ask = async (): Promise<void> => {
    try {
      const response = await pool.request({ path: '/', method: 'GET', headers: { host } })
      const text = await response.body.text()
      take(response.statusCode === 200 ? text : String(response.statusCode))
    } catch {
      take('failed')
    }
  }
  const stop = new AbortController()
  // One request after the other: answers cannot overtake each other, so an old one after a new one is real.
  const asking = (async () => {
    while (!stop.signal.aborted) {
      const next = performance.now() + interval
      await ask()
      await pause(Math.max(0, next - performance.now()))
    }
  })()
  return {
    first: (wanted) => {
      awaited = wanted
      return new Promise((resolve) => waiting.set(wanted, resolve))
    },
    third: () => counts.third,
    stale: () => counts.stale,
    answers: () => counts.answers,
    close: async () => {
      stop.abort()
      await asking
      await pool.close()
    },
  }
}
