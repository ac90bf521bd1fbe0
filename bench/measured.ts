import { pace, saturate, type Lanes } from './lanes/lanes.ts'
import type { Peer } from './peers/peer.ts'
import { cpuTime, processTree, residentBytes } from './process.ts'
import type { Work } from './works.ts'

/** What a work has cost a peer, a value a round. */
export interface Measured {
  readonly work: string
  readonly peer: string
  /** Microseconds of CPU of all its processes per request. */
  readonly cpu: readonly number[]
  /** Requests a second. */
  readonly rate: readonly number[]
  /** Milliseconds at half of the median rate; null = not measured. */
  readonly p50: number | null
  readonly p99: number | null
  /** Bytes when the work was done. */
  readonly resident: number
}

interface Running {
  readonly peer: Peer
  readonly lanes: Lanes
  readonly cpu: number[]
  readonly rate: number[]
}

/**
 * Asks all peers in turn, round by round, each round beginning with another peer.
 *
 * @param pacedSeconds - how long each is asked at half of its rate; 0 = not at all
 * @throws Error unless every answer is 200
 */
export async function measure(
  work: Work,
  peers: readonly Peer[],
  { rounds, pacedSeconds }: { readonly rounds: number; readonly pacedSeconds: number },
): Promise<Measured[]> {
  const running: Running[] = []
  for (const peer of peers) running.push({ peer, lanes: await work.open(peer), cpu: [], rate: [] })
  try {
    for (const one of running) await ask(one, work, work.requests)
    for (let round = 0; round < rounds; round++) {
      for (let at = 0; at < running.length; at++) {
        const one = running[(at + round) % running.length]!
        const before = await cpuOf(one.peer)
        const elapsed = await ask(one, work, work.requests)
        one.cpu.push(((await cpuOf(one.peer)) - before) / work.requests)
        one.rate.push((work.requests * 1000) / elapsed)
      }
    }
    const measured: Measured[] = []
    for (const one of running) measured.push(await concluded(one, work, pacedSeconds))
    return measured
  } finally {
    for (const { lanes } of running) lanes.close()
  }
}

async function concluded({ peer, lanes, cpu, rate }: Running, work: Work, pacedSeconds: number): Promise<Measured> {
  const half = median(rate) / 2
  const { latencies } = pacedSeconds === 0 ? { latencies: [] } : await pace(lanes, half, pacedSeconds)
  const at = (share: number): number | null => latencies[Math.floor(latencies.length * share)] ?? null
  const resident = await Promise.all((await processTree(peer.pid)).map(residentBytes))
  const sum = resident.reduce((total, bytes) => total + bytes, 0)
  return { work: work.name, peer: peer.name, cpu, rate, p50: at(0.5), p99: at(0.99), resident: sum }
}

/** @returns milliseconds */
async function ask({ peer, lanes }: Running, work: Work, requests: number): Promise<number> {
  const { statuses, elapsed } = await saturate(lanes, requests)
  if (statuses.get(200) !== requests)
    throw new Error(`${peer.name} answered ${work.name} with ${JSON.stringify([...statuses])}, not all 200`)
  return elapsed
}

async function cpuOf({ pid }: Peer): Promise<number> {
  const times = await Promise.all((await processTree(pid)).map(cpuTime))
  return times.reduce((sum, time) => sum + time, 0)
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The median of the ratios round by round. */
export const ratio = (one: readonly number[], other: readonly number[]): number =>
  median(one.map((value, round) => value / other[round]!))
