import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createClient } from '@redis/client'
import { Calendar } from '../../dataplane/src/policy/calendar.ts'
import {
  calendarMeter,
  charge,
  fitsAt,
  meterOf,
  remainingOf,
  resetOf,
  settle,
  weigh,
  type Meter,
} from '../../dataplane/src/policy/meter.ts'
import { phaseValues, readPhase, type PhaseMode } from '../../dataplane/src/state/store/phase.ts'
import { phaseScript } from '../../dataplane/src/state/store/phaseScript.ts'
import { startRedis, type RedisServer } from '../support/redisServer.ts'

// The script beside the meters that it is written after, at a time that the test sets.
const driven = phaseScript.text.replace("redis.call('TIME')", "redis.call('MGET', 'seconds', 'micros')")

let server: RedisServer
const connect = async (port: number) => {
  const client = createClient({ RESP: 2, socket: { host: '127.0.0.1', port } })
  client.on('error', () => {})
  return client.connect()
}
let client: Awaited<ReturnType<typeof connect>>
beforeAll(async () => {
  server = await startRedis()
  client = await connect(server.port)
})
afterAll(async () => {
  client.destroy()
  await server.close()
})

const start = Date.UTC(2026, 9, 24, 12) * 1000

interface Step {
  /** Microseconds since the step before. */
  readonly after: number
  readonly costs: readonly number[]
  readonly mode: PhaseMode
}

const steps = fc.array(
  fc.record({
    after: fc.oneof(
      fc.nat({ max: 1000 }),
      fc.nat({ max: 2_000_000 }),
      fc.nat({ max: 90_000_000_000 }),
      fc.constant(-300),
    ),
    costs: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 5, maxLength: 5 }),
    mode: fc.constantFrom<PhaseMode>('ask', 'ask', 'ask', 'weigh'),
  }),
  { minLength: 1, maxLength: 40 },
)

const limits = fc.record({ limit: fc.integer({ min: 2, max: 30 }), burst: fc.integer({ min: 2, max: 30 }) })
// Long enough that no key expires by the real clock meanwhile.
const windows = fc.constantFrom(60_000, 61_007, 3_600_000, 86_400_000)

const metersOf = (
  { limit, burst }: { readonly limit: number; readonly burst: number },
  window: number,
): readonly Meter[] => [
  meterOf('TokenBucket', { limit, burst, window }),
  meterOf('SlidingWindow', { limit, burst: limit, window }),
  meterOf('FixedWindow', { limit, burst: limit, window }),
  calendarMeter(limit, new Calendar('Day', 'Europe/Berlin')),
  calendarMeter(limit, new Calendar('Month', 'UTC')),
]

async function inStore(meters: readonly Meter[], { costs, mode }: Step, now: number) {
  await client.sendCommand(['MSET', 'seconds', String(Math.floor(now / 1e6)), 'micros', String(now % 1e6)])
  const asked = meters.map((meter, index) => ({ key: `m${index}`, meter, cost: costs[index]!, most: costs[index]! }))
  const keys = asked.map(({ key }) => key)
  const values = phaseValues(mode, asked, () => now)
  const reply = await client.sendCommand(['EVAL', driven, String(keys.length), ...keys, ...values])
  return readPhase(reply, asked)
}

/** The store keeps nothing of a question that it refuses, not even what drained meanwhile. */
function here(meters: readonly Meter[], kept: Float64Array[], { costs, mode }: Step, now: number) {
  const cells = kept.map((own) => own.slice())
  meters.forEach((meter, index) => settle(meter, cells[index]!, 0, now))
  const waits = meters.map((meter, index) =>
    mode === 'ask' ? Math.max(0, fitsAt(meter, cells[index]!, 0, costs[index]!) - now) : 0,
  )
  const passed = waits.every((wait) => wait === 0)
  const counts = meters.map((meter, index) => {
    const own = cells[index]!
    const cost = costs[index]!
    if (mode === 'weigh') weigh(meter, own, 0, cost)
    else if (passed) charge(meter, own, 0, cost)
    const taken = passed ? cost : 0
    return {
      taken,
      wait: waits[index]!,
      remaining: remainingOf(meter, own, 0, now),
      reset: resetOf(meter, own, 0, now),
    }
  })
  if (passed) kept.splice(0, kept.length, ...cells)
  return { passed, counts }
}

it('comes to the same last unit as the meters', async () => {
  expect(driven).not.toBe(phaseScript.text)
  await fc.assert(
    fc.asyncProperty(limits, windows, steps, limits, async (limit, window, run, edited) => {
      await client.sendCommand(['FLUSHALL'])
      const cells = Array.from({ length: 5 }, () => new Float64Array(4))
      let now = start
      for (const [index, step] of run.entries()) {
        // Half way the limits are edited, which keeps the counts.
        const meters = metersOf(index * 2 < run.length ? limit : edited, window)
        now += step.after
        expect(await inStore(meters, step, now)).toEqual(here(meters, cells, step, now))
      }
    }),
    { numRuns: 60 },
  )
})

it('takes more than the cost where there is room, and never more than there is', async () => {
  await client.sendCommand(['FLUSHALL'])
  const [bucket] = metersOf({ limit: 10, burst: 10 }, 60_000)
  const ask = (most: number) => phaseOf([{ key: 'k', meter: bucket!, cost: 1, most }])
  expect(await ask(4)).toMatchObject({ passed: true, counts: [{ taken: 4, remaining: 6 }] })
  expect(await ask(20)).toMatchObject({ passed: true, counts: [{ taken: 6, remaining: 0 }] })
  expect(await ask(4)).toMatchObject({ passed: false, counts: [{ taken: 0 }] })
})

it.each(['', 'nonsense', '1 2 3', '-1 0 0 0', '1e3 0 0 0', 'nan nan nan nan', `${'9'.repeat(80)} 0 0 0`])(
  'takes a value that it cannot have written for none: %j',
  async (value) => {
    await client.sendCommand(['SET', 'k', value])
    const [bucket] = metersOf({ limit: 3, burst: 3 }, 1000)
    const phase = await phaseOf([{ key: 'k', meter: bucket!, cost: 1, most: 1 }])
    expect(phase).toMatchObject({ passed: true, counts: [{ remaining: 2 }] })
  },
)

it('says of the greatest debt how long it takes, as far as it can be said', async () => {
  const slow = metersOf({ limit: 1, burst: 1 }, 359_996_400_000)
  for (const meter of slow) {
    await client.sendCommand(['SET', 'k', '0 8000000000000000 1000000000000 0'])
    const phase = await phaseOf([{ key: 'k', meter, cost: 1_000_000, most: 1_000_000 }])
    expect(phase).toMatchObject({ passed: false })
  }
})

async function phaseOf(asked: Parameters<typeof phaseValues>[1]) {
  const keys = asked.map(({ key }) => key)
  const values = phaseValues('ask', asked, () => start)
  return readPhase(await client.sendCommand(['EVAL', phaseScript.text, '1', ...keys, ...values]), asked)
}
