import { closeCode, type Update } from '@gatehouse/contract'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ordersRoute } from '../apiserver/shop.ts'
import { createPushChannel } from '../support/pushChannel.ts'
import { installation } from './follower.ts'
import { runController, shop, type RunningController } from './runningController.ts'

const channel = await createPushChannel(installation)
let running: RunningController
let term: number | null
/** Ends the list that was asked for. */
let listed: () => void

beforeEach(async () => {
  term = null
  const relist = (): Promise<void> => new Promise((resolve) => (listed = resolve))
  running = await runController(channel, { authority: { term: () => term }, relist })
})
afterEach(() => running.close())

const older = shop(ordersRoute({ hostnames: ['older.example'] }))
const newer = shop(ordersRoute({ hostnames: ['newer.example'] }))
const hostOf = ({ set }: Update): unknown =>
  (set.find(({ kind }) => kind === 'route')?.spec as { hostnames: string[] } | undefined)?.hostnames[0]
const metric = async (name: string): Promise<number> =>
  Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await (await running.get('/metrics')).text())?.[1])

/** Makes it the leader of a term, which has read the newer world. */
async function lead(next: number): Promise<void> {
  term = next
  running.controller.authorityChanged()
  running.become(newer)
  listed()
  await running.events.first(({ event, term: told }) => event === 'leading' && told === next)
}

/** Takes the lead away, and tells it. */
function depose(): void {
  term = null
  running.controller.authorityChanged()
}

describe('a controller that does not lead', () => {
  it('is ready once it knows the world, and tells nobody of it', async () => {
    running.become(older)
    await running.events.first(({ event }) => event === 'synced')
    expect((await running.get('/readyz')).status).toBe(200)
    const dataplane = await running.connect()
    expect(await dataplane.closed).toBe(closeCode.notLeader)
    expect([dataplane.updates.all, running.reports.all]).toEqual([[], []])
    expect([await metric('gatehouse_controller_leader'), await metric('gatehouse_controller_term')]).toEqual([0, 0])
  })
})

describe('a controller that is elected', () => {
  it('lets nobody in and says nothing before it has read the cluster anew', async () => {
    running.become(older)
    await running.events.first(({ event }) => event === 'synced')
    term = 7
    running.controller.authorityChanged()
    expect(await (await running.connect()).closed).toBe(closeCode.notLeader)
    expect(running.reports.all).toEqual([])
    expect(await metric('gatehouse_controller_leader')).toBe(0)
    await lead(7)
    const update = await (await running.connect()).updates.at(0)
    expect([hostOf(update), update.term, update.sequence]).toEqual(['newer.example', 7, 1])
    expect((await running.reports.at(0)).term).toBe(7)
    expect([await metric('gatehouse_controller_leader'), await metric('gatehouse_controller_term')]).toEqual([1, 7])
  })

  it('says what it knew when that turns out to be the newest', async () => {
    running.become(older)
    await running.events.first(({ event }) => event === 'synced')
    term = 7
    running.controller.authorityChanged()
    listed()
    await running.events.first(({ event }) => event === 'leading')
    expect(hostOf(await (await running.connect()).updates.at(0))).toBe('older.example')
    expect((await running.reports.at(0)).term).toBe(7)
  })

  it('says that data planes may still be on their way', async () => {
    await lead(7)
    expect((await running.reports.at(0)).fleet.settling).toBe(true)
  })

  it('forgets in a new term what it said in one before', async () => {
    await lead(7)
    depose()
    running.become(older)
    term = 9
    running.controller.authorityChanged()
    expect(await (await running.connect()).closed).toBe(closeCode.notLeader)
    await lead(9)
    const update = await (await running.connect()).updates.at(0)
    expect([hostOf(update), update.term]).toEqual(['newer.example', 9])
  })
})

describe('a controller that ceases to lead', () => {
  it('ends its sessions when it is told, and says so', async () => {
    await lead(7)
    const dataplane = await running.connect()
    await dataplane.updates.at(0)
    depose()
    expect(await dataplane.closed).toBe(closeCode.notLeader)
    expect(running.events.all).toContainEqual({ event: 'following', term: 7 })
  })

  it.each<[string, number | null]>([
    ['none', null],
    ['another one', 8],
  ])('neither pushes nor reports in %s, though nobody has told it', async (_, next) => {
    await lead(7)
    const dataplane = await running.connect()
    const first = await dataplane.updates.at(0)
    await running.reports.first(({ fleet }) => fleet.sessions[0]?.revision === first.revision)
    const reported = running.reports.all.length
    const compiled = await metric('gatehouse_controller_compile_seconds_count')
    term = next
    running.become(older)
    await vi.waitFor(async () => expect(await metric('gatehouse_controller_compile_seconds_count')).toBe(compiled + 1))
    running.controller.authorityChanged()
    expect(await dataplane.closed).toBe(closeCode.notLeader)
    expect(dataplane.updates.all).toHaveLength(1)
    expect(running.reports.all).toHaveLength(reported)
  })
})
