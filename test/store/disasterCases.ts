import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { echo, startBackend, type Backend } from '../support/backend.ts'
import {
  startCountingFleet,
  together,
  type CountingFleet,
  type FleetClients,
  type Tally,
} from '../support/countingFleet.ts'
import { host, type RedisGroup } from '../support/redisGroup.ts'
import { scriptsRun } from '../support/redisServer.ts'
import type { StoreDisaster } from '../support/storeDisasters.ts'
import { waitUntil } from '../support/waitUntil.ts'

/** One quota for each `onStoreFailure`, and what it permits in a day: of what comes back meanwhile, nothing is seen. */
const choices = { allow: ['Allow', 40], deny: ['Deny', 200], local: ['LocalFallback', 40] } as const
type Choice = keyof typeof choices
const names = ['allow', 'deny', 'local'] as const

/** Requests a second by each quota. */
type Rates = Readonly<Record<Choice, number>>
/** In half a second this fills two of the quotas, and half of the other. */
const filling: Rates = { allow: 120, deny: 200, local: 120 }
/** What is asked while the store is away. */
const steady: Rates = { allow: 30, deny: 60, local: 60 }

/**
 * Most counts that were written and are lost with a leader whose replica takes its place: what was on its way between two
 * servers of one machine. What is answered 503 may have been counted and lost, too.
 */
const mostLost = 20
/** Milliseconds, also on a machine that is busy; the proof has the 50 that count. */
const longest = 5000

const perDay = (limit: number) => ({ rates: [{ limit, window: 86_400_000, burst: limit }] })

function quotasFor(disasters: readonly StoreDisaster[]) {
  const entries = disasters.flatMap(({ key }) =>
    names.map((name) => {
      const [onStoreFailure, limit] = choices[name]
      return [`${name}-${key}`, together({ sharePercent: null, onStoreFailure }, perDay(limit))] as const
    }),
  )
  return {
    roomy: together({ sharePercent: null, onStoreFailure: 'Deny' }, perDay(1e6)),
    ...Object.fromEntries(entries),
  }
}

type Tallies = Readonly<Record<Choice, Tally>>

interface Trial {
  readonly group: RedisGroup
  readonly backend: Backend
  readonly fleet: CountingFleet
  readonly clients: FleetClients
}

async function press({ clients }: Trial, key: string, rates: Rates, seconds: number): Promise<Tallies> {
  const [allow, deny, local] = await Promise.all(
    names.map((name) => clients.press(`/${name}-${key}`, { rate: rates[name], seconds })),
  )
  return { allow: allow!, deny: deny!, local: local! }
}

const statusesOf = ({ statuses }: Tally): number[] => [...statuses.keys()].sort((a, b) => a - b)
const passed = (name: Choice, ...all: readonly Tallies[]): number =>
  all.reduce((sum, tallies) => sum + (tallies[name].statuses.get(200) ?? 0), 0)

/** What may be answered in the middle of it, whether or not each data plane knows already, or knows of another leader. */
function expectNothingElse({ allow, deny, local }: Tallies): void {
  expect([...allow.failures, ...local.failures]).toEqual([])
  expect(['quota-unavailable']).toEqual(expect.arrayContaining([...deny.failures]))
  expect([200, 429]).toEqual(expect.arrayContaining([...statusesOf(allow), ...statusesOf(local)]))
  expect([200, 429, 503]).toEqual(expect.arrayContaining(statusesOf(deny)))
  for (const { took } of [allow, deny, local]) expect(Math.max(...took)).toBeLessThan(longest)
}

/** While the store is away, and each data plane knows it. */
async function expectChoices(trial: Trial, key: string): Promise<Tallies> {
  await trial.fleet.settled('down')
  const away = await press(trial, key, steady, 0.5)
  expectNothingElse(away)
  expect(statusesOf(away.allow)).toEqual([200])
  expect(statusesOf(away.deny)).toEqual([503])
  return away
}

/** @returns what came of each stretch of requests */
async function endure(trial: Trial, disaster: StoreDisaster): Promise<readonly Tallies[]> {
  const { group, fleet } = trial
  const { key, away, keeps } = disaster
  await group.whole()
  const leader = await group.leader()
  const before = await press(trial, key, filling, 0.5)
  await group.replicated()
  const stretches = [before]
  try {
    const [middle] = await Promise.all([press(trial, key, steady, 1.5), disaster.begin(leader, group)])
    expectNothingElse(middle)
    stretches.push(middle)
    if (away !== 'Hardly') {
      expect(middle.allow.statuses.get(200)).toBeGreaterThan(0)
      expect(middle.deny.statuses.get(503)).toBeGreaterThan(0)
    }
    if (away === 'UntilEnded') stretches.push(await expectChoices(trial, key))
    // Whoever takes the leader's place is found before it comes back.
    else await fleet.settled('up')
  } finally {
    await disaster.end(leader)
  }
  await fleet.settled('up')
  // What was counted before still counts, so that there is no room for all that is asked; or it is gone, and there is.
  const shows = async (): Promise<boolean> => {
    const after = await press(trial, key, filling, 0.5)
    stretches.push(after)
    return after.deny.statuses.has(keeps ? 429 : 200)
  }
  await waitUntil(shows, 'it is seen whether the counts were kept')
  return stretches
}

/** Runs each disaster under the load of four data planes, on one store. */
export function describeDisasters(
  start: () => Promise<RedisGroup>,
  disasters: readonly StoreDisaster[],
  more: (trial: () => Trial) => void = () => {},
): void {
  let trial: Trial
  beforeAll(async () => {
    // It ends no connection just when a data plane that is late uses it again.
    const [group, backend] = await Promise.all([start(), startBackend(echo, host, 600_000)])
    await group.whole()
    const fleet = await startCountingFleet(quotasFor(disasters), { topology: group.topology, backend })
    trial = { group, backend, fleet, clients: fleet.clients(50) }
  })
  afterAll(async () => {
    trial.clients.close()
    await trial.fleet.close()
    await Promise.all([trial.group.close(), trial.backend.close()])
  })

  describe.each(disasters)('a leader that is $name', (disaster) => {
    it('makes each quota do what its author chose, nobody wait, and no data plane start again', async () => {
      const { key, keeps, away } = disaster
      const all = await endure(trial, disaster)
      const fills = keeps ? 1 : 2
      const lost = away === 'UntilEnded' ? 0 : mostLost
      const early = away === 'Hardly' && trial.group.bothLead ? all[1]! : null
      const most = (name: Choice, times: number): number =>
        times * choices[name][1] + lost + (early === null ? 0 : passed(name, early))
      expect(passed('deny', ...all)).toBeLessThanOrEqual(most('deny', fills))
      // A quarter of the limit at each of the four, once.
      expect(passed('local', ...all)).toBeLessThanOrEqual(most('local', fills + 1))
      const served = trial.backend.requests.filter(({ target }) => target === `/deny-${key}`)
      expect(served).toHaveLength(passed('deny', ...all))
    })
  })
  more(() => trial)
}

/** What a store is also tried with whose leader is replaced. */
export function leavesOldLeaders(trial: () => Trial): void {
  it('counts nothing at a leader that stopped while nobody asked, and goes on as one when another leads', async () => {
    const { group, clients } = trial()
    await group.whole()
    const old = await group.leader()
    old.freeze()
    await group.replaced(old).finally(() => old.thaw())
    const spared = async (): Promise<boolean> => {
      const counted = await scriptsRun(old)
      const { statuses } = await clients.press('/roomy', { rate: 200, seconds: 0.5 })
      return statuses.has(200) && (await scriptsRun(old)) === counted
    }
    // Sentinels make it a replica eight seconds after it came back, at the earliest.
    await waitUntil(spared, 'requests are counted, and none at the old leader', { within: 7000 })
  })
}
