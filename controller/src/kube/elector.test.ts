import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../clock.ts'
import type { KubeObject } from './client.ts'
import { electorTimes } from './elector.ts'
import { Candidate, closeAll, Cluster, latency, time } from './electorFixture.ts'

const { pass } = time
let cluster: Cluster

beforeEach(() => {
  time.begin()
  cluster = new Cluster()
})
afterEach(async () => {
  await closeAll()
  time.end()
})

const candidate = (identity: string): Candidate => new Candidate(cluster, identity)

/** A has led for a while when B comes. */
async function leaderAndFollower(): Promise<{ a: Candidate; b: Candidate; first: number }> {
  const a = candidate('a').start()
  await pass(100)
  const b = candidate('b').start()
  await pass(7_000)
  expect([a.term, b.term]).toEqual([cluster.view!.term, null])
  return { a, b, first: a.term! }
}

/** Lets time pass until somebody leads. @returns milliseconds */
async function untilLed(by: Candidate, most: number): Promise<number> {
  for (let passed = 0; passed <= most; passed += 10) {
    if (by.term !== null) return passed
    await pass(10)
  }
  throw new Error(`nobody led within ${most} ms`)
}

describe('the elector', () => {
  it('takes a Lease that nobody holds at once, and writes it as the API server wants it', async () => {
    const a = candidate('a').start()
    await pass(3 * latency)
    expect(a.term).toBe((Date.UTC(2026, 11, 1) - Date.UTC(2026, 0, 1)) / 1000)
    expect(cluster.lease).toMatchObject({
      spec: {
        holderIdentity: 'a',
        leaseDurationSeconds: 10,
        leaseTransitions: a.term,
        acquireTime: expect.stringMatching(/^2026-12-01T00:00:00\.\d{3}000Z$/) as string,
        renewTime: expect.stringMatching(/\.\d{6}Z$/) as string,
      },
    })
  })

  it('lets exactly one of two candidates lead that come at the same time', async () => {
    const [a, b] = [candidate('a').start(), candidate('b').start()]
    await pass(60_000)
    expect([a.told, b.told]).toEqual([[a.term], []])
    expect(cluster.view?.holder ?? null).toBe('a')
  })

  it('keeps its term as long as it renews', async () => {
    const { a, first } = await leaderAndFollower()
    await pass(3_600_000)
    expect([a.term, a.told]).toEqual([first, [first]])
  })

  it('hands over within a retry when the leader stops, with a higher term', async () => {
    const { a, b, first } = await leaderAndFollower()
    const closed = a.elector.close()
    expect(a.term).toBeNull()
    expect(await untilLed(b, 3_000)).toBeLessThan(2_200)
    await closed
    expect(b.term).toBeGreaterThan(first)
    expect(a.told).toEqual([first, null])
  })

  it('is followed within 12 seconds and a retry when it vanishes', async () => {
    const { a, b, first } = await leaderAndFollower()
    a.fate = () => 'hang'
    expect(await untilLed(b, 15_000)).toBeLessThan(12_200)
    expect(a.term).toBeNull()
    expect(b.term).toBeGreaterThan(first)
  })

  it('is followed as soon as its time is over, not at the next retry after that', async () => {
    const times = { ...electorTimes, lease: 9_000 }
    const a = new Candidate(cluster, 'a', times).start()
    await pass(100)
    const b = new Candidate(cluster, 'b', times).start()
    await pass(1_850)
    a.fate = () => 'hang'
    expect(await untilLed(b, 12_000)).toBeLessThan(9_000 - 1_850 + 100)
  })

  it('does not lead any more when it wakes, before any timer of it has run', async () => {
    const { a, first } = await leaderAndFollower()
    a.slept += 6_000
    expect(a.term).toBeNull()
    expect(a.told).toEqual([first])
  })

  it('does not lead again by an answer that it slept through', async () => {
    const { a, first } = await leaderAndFollower()
    a.fate = () => {
      a.slept += 6_000
      a.fate = () => 'done'
      return 'done'
    }
    await pass(5_000)
    expect(a.term).toBeGreaterThan(first)
    expect(a.told).toEqual([first, null, a.term])
  })

  it('does not take up again a term that ended while a renewal was under way', async () => {
    const { a, first } = await leaderAndFollower()
    a.fate = () => 'down'
    await pass(3_500)
    expect(a.term).toBe(first)
    a.fate = () => {
      a.slept += 2_000
      a.fate = () => 'done'
      return 'done'
    }
    await pass(2_500)
    expect(a.told).toEqual([first, null, a.term])
  })

  it('takes no Lease by an answer that came too late', async () => {
    const a = candidate('a')
    a.fate = (verb) => {
      if (verb === 'put') a.slept += 6_000
      return 'done'
    }
    a.start()
    await pass(50)
    expect([cluster.view?.holder ?? null, a.term, a.told]).toEqual(['a', null, []])
  })

  it('survives failures for less than its time, and tells of them once', async () => {
    const { a, first } = await leaderAndFollower()
    let failures = 3
    a.fate = () => (failures-- > 0 ? 'down' : 'done')
    await pass(60_000)
    expect([a.told, a.failures]).toMatchObject([[first], [{ code: 'HTTP_503' }]])
    failures = 5
    await pass(60_000)
    expect(a.told.slice(0, 2)).toEqual([first, null])
    expect(a.failures).toHaveLength(2)
  })

  it('has a new term when it takes back what it lost, though nobody else held it', async () => {
    const a = candidate('a').start()
    await pass(100)
    const first = a.term!
    a.fate = () => 'down'
    await pass(8_000)
    expect([a.term, cluster.view?.holder ?? null]).toEqual([null, 'a'])
    a.fate = () => 'done'
    await pass(2_100)
    expect(a.term).toBeGreaterThan(first)
  })

  it('counts a renewal from its beginning, not from its answer', async () => {
    const { a } = await leaderAndFollower()
    a.fate = () => 'hang'
    // The last renewal began at 6,000 at the latest, and it is 7,100 now.
    await pass(4_900)
    expect(a.term).toBeNull()
  })

  it('gives a request that hangs up in time for another', async () => {
    const { a, first } = await leaderAndFollower()
    let hangs = 1
    a.fate = () => (hangs-- > 0 ? 'hang' : 'done')
    await pass(20_000)
    expect([a.told, a.failures]).toMatchObject([[first], [{ code: 'SLOW_ANSWER' }]])
  })

  it('finds its own writing where it had no answer', async () => {
    const { a, first } = await leaderAndFollower()
    let lost = 1
    a.fate = () => (lost-- > 0 ? 'lost' : 'done')
    await pass(20_000)
    expect(a.told).toEqual([first])
  })

  it('releases a Lease that it took without an answer', async () => {
    const a = candidate('a')
    a.fate = (verb) => (verb === 'put' ? 'lost' : 'done')
    a.start()
    await pass(1_000)
    expect([a.term, cluster.view?.holder ?? null]).toEqual([null, 'a'])
    a.fate = () => 'done'
    const closed = a.elector.close()
    await pass(5_000)
    await closed
    expect(cluster.view?.holder ?? null).toBeNull()
  })

  it('goes on when somebody changes the Lease beside it', async () => {
    const { a, first } = await leaderAndFollower()
    cluster.change(cluster.lease!['spec'] as KubeObject, (one) => ({ ...one, labels: {} }))
    await pass(60_000)
    expect(a.told).toEqual([first])
  })

  it('is not kept waiting by changes that its holder did not make', async () => {
    const { a, b } = await leaderAndFollower()
    a.fate = () => 'hang'
    const meddling = setInterval(() => cluster.change(cluster.lease!['spec'] as KubeObject), 1_000)
    expect(await untilLed(b, 15_000)).toBeLessThan(12_200)
    clearInterval(meddling)
  })

  it('stops when another holds the Lease, and waits its whole time', async () => {
    const { a, b, first } = await leaderAndFollower()
    cluster.change({ holderIdentity: 'thief', leaseTransitions: first + 5, leaseDurationSeconds: 20 })
    await pass(2_200)
    expect([a.term, a.told]).toEqual([null, [first, null]])
    await pass(15_000)
    expect([a.term, b.term]).toEqual([null, null])
    await pass(5_000)
    expect(a.term ?? b.term).toBeGreaterThan(first + 5)
  })

  it('stops when its own Lease has another term, as after a restored backup, and takes a higher one', async () => {
    const { a, first } = await leaderAndFollower()
    cluster.change({ ...(cluster.lease!['spec'] as KubeObject), leaseTransitions: 3 })
    await pass(4_200)
    expect(a.told).toEqual([first, null, a.term])
    expect(a.term).toBeGreaterThan(first)
  })

  it('makes the Lease again that was deleted while it led, and keeps others waiting', async () => {
    const { a, b, first } = await leaderAndFollower()
    cluster.change(null)
    await pass(2_200)
    expect(a.term).toBeGreaterThan(first)
    expect(b.told).toEqual([])
  })

  it('waits before it makes a Lease where there is none, because its leader may not know', async () => {
    cluster.change(null)
    const a = candidate('a').start()
    await pass(9_900)
    expect(cluster.lease).toBeNull()
    await pass(300)
    expect(a.term).not.toBeNull()
  })

  it('never uses a term twice, though the Lease was deleted and made anew with a clock that is behind', async () => {
    const { a, b, first } = await leaderAndFollower()
    a.fate = () => 'hang'
    b.wrong = -3_600_000
    cluster.change(null)
    await untilLed(b, 20_000)
    expect(b.term).toBeGreaterThan(first)
  })

  it('is not moved by the clock on the wall', async () => {
    const { a, b, first } = await leaderAndFollower()
    for (const jump of [86_400_000, -86_400_000]) {
      a.wrong += jump
      b.wrong -= jump
      await pass(30_000)
    }
    expect([a.told, b.told]).toEqual([[first], []])
  })

  it.each([
    ['is free at once when it was abandoned a minute before', 61_000, 0, 100],
    ['is waited for when its holder was heard of within a minute', 50_000, 9_900, 10_200],
    ['is waited for when its holder is ahead of this clock', -3_600_000, 9_900, 10_200],
  ])('a Lease at first sight %s', async (_, age, least, most) => {
    const renewTime = new Date(systemClock.now() - age).toISOString()
    cluster.change({ holderIdentity: 'gone', leaseDurationSeconds: 10, leaseTransitions: 5, renewTime })
    const passed = await untilLed(candidate('late').start(), 15_000)
    expect(passed).toBeGreaterThanOrEqual(least)
    expect(passed).toBeLessThan(most)
  })

  it('lets a leader know at its next renewal that a newcomer with another clock took it for gone', async () => {
    const { a, first } = await leaderAndFollower()
    const late = candidate('late')
    late.wrong = 3_600_000
    expect(await untilLed(late.start(), 100)).toBeLessThan(100)
    expect(late.term).toBeGreaterThan(first)
    await pass(2_100)
    expect([a.term, late.told]).toEqual([null, [late.term]])
  })

  it('leaves terms to come when a clock is absurd', async () => {
    const a = candidate('a')
    a.wrong = Date.UTC(2090, 0, 1) - Date.now()
    cluster.change({ leaseTransitions: 7 })
    a.start()
    await pass(100)
    expect(a.term).toBe(8)
  })

  it('does not stand again once it has resigned', async () => {
    const { a, b } = await leaderAndFollower()
    a.elector.resign()
    await pass(30_000)
    expect([a.term, b.term === null]).toEqual([null, false])
  })
})
