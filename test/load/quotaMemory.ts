import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { charge, isAligned, meterOf, settle, type Meter } from '../../dataplane/src/policy/meter.ts'
import { createMeters } from '../../dataplane/src/state/meters.ts'
import type { Report } from '../support/report.ts'

const keys = 1_000_000
const tables = 10
const megabyte = 1e6

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What the process holds once nothing is left to collect. */
function held(): number {
  collect()
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** As long as the name of a caller that a provider of tokens has verified. */
const callerOf = (index: number): string => {
  const id = JSON.stringify(['shop/orders/staff', 'https://idp.example/realms/shop', `user-${index}`])
  return `${id.length}:${id}`
}

function fill(algorithm: Meter['algorithm']): number {
  const clock = { now: () => 0, monotonic: () => 0 }
  const meters = createMeters(clock, { perTable: keys, perNamespace: keys, total: keys, guaranteed: 0 })
  const meter = meterOf(algorithm, { limit: 10, window: 3_600_000, burst: 10 })
  const before = held()
  const filled = Array.from({ length: tables }, (_, index) => {
    return meters.acquire(`${index}`, { namespace: 'shop', slowest: meter }).value
  })
  const now = { steady: 1e9, wall: 1.7e15 }
  for (let index = 0; index < keys; index++) {
    const table = filled[index % tables]!
    const place = table.place(callerOf(index), now)
    settle(meter, table.cells, place, isAligned(meter) ? now.wall : now.steady)
    charge(meter, table.cells, place, 1)
  }
  const bytes = held() - before
  const places = filled.reduce((sum, table) => sum + table.size(), 0)
  if (places !== keys) throw new Error(`${keys} keys have ${places} places`)
  return bytes / megabyte
}

/** A million different keys of each algorithm, in ten counters. */
export function measureMemory(report: Report): void {
  for (const algorithm of ['TokenBucket', 'SlidingWindow', 'FixedWindow'] as const)
    report.line(`memory-of-a-million-keys-${algorithm}`, fill(algorithm), 'MB', { atMost: 150 })
}
