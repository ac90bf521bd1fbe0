import { setTimeout as pause } from 'node:timers/promises'
import type { Report } from '../../support/report.ts'

/** What became of steady requests. */
export interface SteadyResult {
  readonly sent: number
  /** How many went wrong, by what came back. */
  readonly failures: Readonly<Record<string, number>>
  readonly failed: number
  /** Milliseconds that each took, ascending. */
  readonly times: readonly number[]
}

/** Requests at a steady pace, whatever becomes of them. None is repeated. */
export interface Steady {
  /** Resolves when so many more were sent. */
  more(count: number): Promise<void>
  end(): Promise<SteadyResult>
}

/**
 * @param rate - requests a second
 * @param send - sends one; resolves with what was wrong, or null
 */
export function startSteady(rate: number, send: (index: number) => Promise<string | null>): Steady {
  const failures: Record<string, number> = {}
  const times: number[] = []
  const running = new Set<Promise<void>>()
  let sent = 0
  let ending = false
  const one = async (index: number): Promise<void> => {
    const began = performance.now()
    const wrong = await send(index).catch((error: unknown) => (error instanceof Error ? error.message : 'unknown'))
    times.push(performance.now() - began)
    if (wrong !== null) failures[wrong] = (failures[wrong] ?? 0) + 1
  }
  const pacing = (async () => {
    const started = performance.now()
    while (!ending) {
      await pause(Math.max(0, started + (sent * 1000) / rate - performance.now()))
      const request: Promise<void> = one(sent++).finally(() => running.delete(request))
      running.add(request)
    }
    await Promise.all(running)
  })()
  return {
    more: async (count) => {
      for (const until = sent + count; sent < until;) await pause(10)
    },
    end: async () => {
      ending = true
      await pacing
      const failed = Object.values(failures).reduce((sum, count) => sum + count, 0)
      return { sent, failures, failed, times: times.sort((a, b) => a - b) }
    },
  }
}

/** @param part - 0.5 = the median */
export const quantile = ({ times }: SteadyResult, part: number): number =>
  times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Infinity

/** Ends steady requests of which none may have failed. @param name - of the lines */
export async function reportNoFailure(
  steady: Steady,
  report: Report,
  name: string,
  atLeast: number,
): Promise<SteadyResult> {
  const result = await steady.end()
  if (result.failed > 0) console.log(result.failures)
  report.line(`${name}.requests`, result.sent, 'requests', { atLeast })
  report.line(`${name}.failed`, result.failed, 'requests', { exactly: 0 })
  return result
}
