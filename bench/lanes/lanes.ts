/** Connections that each have one request under way at a time. */
export interface Lanes {
  readonly count: number
  /** Sends the next request of a lane. @returns the status @throws Error when its connection ends early */
  ask(lane: number): Promise<number>
  close(): void
}

/** How a run went. */
export interface RunResult {
  /** Answers by status. */
  readonly statuses: ReadonlyMap<number, number>
  /** Milliseconds. */
  readonly elapsed: number
  /** Milliseconds from when each request was due to its answer, sorted; empty when none was due. */
  readonly latencies: readonly number[]
}

/** Every lane asks again when it is answered. */
export async function saturate(lanes: Lanes, requests: number): Promise<RunResult> {
  const statuses = new Map<number, number>()
  let left = requests
  const started = performance.now()
  const run = async (lane: number): Promise<void> => {
    while (left-- > 0) count(statuses, await lanes.ask(lane))
  }
  await Promise.all(Array.from({ length: lanes.count }, (_, lane) => run(lane)))
  return { statuses, elapsed: performance.now() - started, latencies: [] }
}

/**
 * Asks at a steady rate, whether or not what went before is answered; a request waits for a free lane, and its latency
 * counts from when it was due (so that a stall is seen by all that fell into it).
 *
 * @param rate - a second
 */
export async function pace(lanes: Lanes, rate: number, seconds: number): Promise<RunResult> {
  const statuses = new Map<number, number>()
  const latencies: number[] = []
  const total = Math.floor(rate * seconds)
  const started = performance.now()
  const dueAt = (index: number): number => started + (index * 1000) / rate
  let next = 0
  const run = async (lane: number): Promise<void> => {
    while (next < total) {
      const due = dueAt(next++)
      await until(due)
      count(statuses, await lanes.ask(lane))
      latencies.push(performance.now() - due)
    }
  }
  await Promise.all(Array.from({ length: lanes.count }, (_, lane) => run(lane)))
  return { statuses, elapsed: performance.now() - started, latencies: latencies.toSorted((a, b) => a - b) }
}

const count = (statuses: Map<number, number>, status: number): void =>
  void statuses.set(status, (statuses.get(status) ?? 0) + 1)

/** Timers are of whole milliseconds: the rest is waited for turn by turn. */
async function until(due: number): Promise<void> {
  const wait = due - performance.now()
  if (wait > 2) await new Promise((resolve) => setTimeout(resolve, wait - 1))
  while (performance.now() < due) await new Promise((resolve) => setImmediate(resolve))
}
