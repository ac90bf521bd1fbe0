import { http1Lanes, type Requests } from './lanes/http1Lanes.ts'
import { saturate } from './lanes/lanes.ts'
import { cpuTime } from './process.ts'

/** A process that answers HTTP/1.1. */
export interface Subject {
  readonly pid: number
  readonly port: number
}

interface Load {
  /** Kept; each sends its next request when the last is answered. */
  readonly connections: number
  readonly requests: number
  readonly request: Requests
}

/** @returns CPU microseconds of the subject per request @throws Error unless every answer was 200 */
export async function cpuPerRequest({ pid, port }: Subject, { connections, requests, request }: Load): Promise<number> {
  const lanes = await http1Lanes({ port, authority: null, count: connections, request })
  const before = await cpuTime(pid)
  const { statuses } = await saturate(lanes, requests)
  const after = await cpuTime(pid)
  lanes.close()
  if (statuses.get(200) !== requests) throw new Error(`answers were ${JSON.stringify([...statuses])}, not all 200`)
  return (after - before) / requests
}
