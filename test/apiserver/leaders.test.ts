import { closeCode } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { LogLine } from '../support/logs.ts'
import { connectScripted } from '../support/scriptedDataplane.ts'
import { conditionOf, describedBy, reasonOf } from './conditions.ts'
import { paths } from './controlledCluster.ts'
import { startLeadersCluster, type LeadersCluster, type Member } from './leadersCluster.ts'
import { roamingDataplane, type RoamingDataplane, type Taken } from './roamingDataplane.ts'
import { ordersRoute } from './shop.ts'

/** Milliseconds after the loss of a leader in which another must push. */
const resumeWithin = 15_000
const leasePath = '/apis/coordination.k8s.io/v1/namespaces/gatehouse-system/leases/edge-controller'

let cluster: LeadersCluster
let dataplane: RoamingDataplane
let leader: Member
let follower: Member

async function join(): Promise<Member> {
  const member = await cluster.join()
  await member.process.lines.first(({ event }) => event === 'synced', 60_000)
  return member
}

beforeAll(async () => {
  cluster = await startLeadersCluster()
  leader = await join()
  await leader.process.lines.first(({ event }) => event === 'leading', 30_000)
  follower = await join()
  dataplane = await roamingDataplane(cluster.channel, cluster.addresses)
})
afterAll(async () => {
  await dataplane.close()
  await cluster.close()
})

const leads = ({ process }: Member): Promise<number> => process.metric('gatehouse_controller_leader')
const lastOf = ({ process }: Member, event: string): LogLine =>
  process.lines.all.findLast((one) => one.event === event)!
const timeOf = (line: LogLine): number => Date.parse(String(line['time']))

/** Gives the route a host of this name, and waits until somebody has said so in its status. */
async function change(host: string): Promise<void> {
  await cluster.apply(ordersRoute({ hostnames: [`${host}.example`] }))
  await reasonOf(cluster.api, paths.route, 'Programmed', 'Programmed')
}

/** Waits until a data plane takes something from a leader of a later term. @returns it, and milliseconds since `from` */
async function resumed(from: number, after: Taken): Promise<{ readonly took: number; readonly taken: Taken }> {
  const taken = await dataplane.taken.first(({ term }) => term > after.term, 60_000)
  return { took: taken.at - from, taken }
}

/** The former leader is the follower from now on. */
function swap(): void {
  ;[leader, follower] = [follower, leader]
}

/** Writes other than to the Lease that a member asked for at or after this time. */
async function writesOf({ user }: Member, from: number): Promise<readonly string[]> {
  const requests = (await cluster.server.audited()).filter(
    (one) =>
      one.user.username === user &&
      /^(create|update|patch|delete)$/.test(one.verb) &&
      one.objectRef?.resource !== 'leases' &&
      Date.parse(one.requestReceivedTimestamp) >= from,
  )
  return requests.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource} ${objectRef?.name}`)
}

describe('two controllers', () => {
  it('elect one, and the other is ready', async () => {
    await dataplane.taken.first()
    expect([await leads(leader), await leads(follower)]).toEqual([1, 0])
    expect((await fetch(`${await follower.process.admin()}/readyz`)).status).toBe(200)
    await change('first')
    expect(await writesOf(follower, 0)).toEqual([])
  })

  it('write the Lease as the API server wants it', async () => {
    const { body } = await cluster.api.send('GET', leasePath)
    const term = await leader.process.metric('gatehouse_controller_term')
    expect(body['spec']).toMatchObject({
      leaseDurationSeconds: 10,
      leaseTransitions: term,
      renewTime: expect.stringMatching(/\.\d{6}Z$/) as string,
    })
    expect(dataplane.taken.all.at(-1)).toMatchObject({ term })
  })
})

describe('a Lease that is deleted', () => {
  it('is made anew by the leader, in a higher term, while the other one waits', async () => {
    const before = dataplane.taken.all.at(-1)!
    await cluster.api.send('DELETE', leasePath)
    const { taken } = await resumed(performance.now(), before)
    expect(await leader.process.metric('gatehouse_controller_term')).toBe(taken.term)
    expect(follower.process.lines.all.filter(({ event }) => event === 'leading')).toEqual([])
  })
})

describe('a leader that is stopped and woken', () => {
  it('is followed, and when it wakes it neither pushes nor writes what it knew', async () => {
    const port = await leader.process.pushPort()
    const stuck = await connectScripted(cluster.channel, { port, instance: 'stuck' })
    await stuck.updates.first()
    await change('before-the-stop')
    const compiled = await leader.process.metric('gatehouse_controller_compile_seconds_count')
    const before = dataplane.taken.all.at(-1)!
    const from = performance.now()
    leader.process.signal('SIGSTOP')
    const { took, taken } = await resumed(from, before)
    expect(took).toBeLessThan(resumeWithin)
    await change('during-the-stop')
    const sent = stuck.updates.all.length
    const woken = Date.now()
    leader.process.signal('SIGCONT')
    await leader.process.lines.first(({ event }) => event === 'following')
    expect(await stuck.closed).toBe(closeCode.notLeader)
    // It has seen what happened meanwhile, and would have had something to say.
    await vi.waitFor(async () =>
      expect(await leader.process.metric('gatehouse_controller_compile_seconds_count')).toBeGreaterThan(compiled),
    )
    await change('after-the-stop')
    expect(stuck.updates.all).toHaveLength(sent)
    expect(await writesOf(leader, woken)).toEqual([])
    expect(lastOf(follower, 'leading')['term']).toBe(taken.term)
    swap()
  })
})

describe('a leader that is cut off from the API server', () => {
  it('ceases to lead before another begins, ends its sessions, and follows once it is back', async () => {
    const before = dataplane.taken.all.at(-1)!
    const from = performance.now()
    leader.way.cut()
    await cluster.apply(ordersRoute({ hostnames: ['during-the-cut.example'] }))
    const { took, taken } = await resumed(from, before)
    expect(took).toBeLessThan(resumeWithin)
    expect(taken.term).toBe(lastOf(follower, 'leading')['term'])
    expect(timeOf(lastOf(leader, 'following'))).toBeLessThan(timeOf(lastOf(follower, 'leading')))
    expect(await leads(leader)).toBe(0)
    await reasonOf(cluster.api, paths.route, 'Programmed', 'Programmed')
    const mended = Date.now()
    leader.way.mend()
    await change('after-the-cut')
    expect([await leads(leader), await leads(follower)]).toEqual([0, 1])
    expect(await writesOf(leader, mended)).toEqual([])
    swap()
  })
})

describe('a leader that is killed', () => {
  it('is followed, and nothing that was served is taken back meanwhile', async () => {
    const served = describedBy((await cluster.api.send('GET', paths.route)).body)
    const before = dataplane.taken.all.at(-1)!
    const from = performance.now()
    leader.process.signal('SIGKILL')
    const { took } = await resumed(from, before)
    expect(took).toBeLessThan(resumeWithin)
    await change('after-the-kill')
    const after = describedBy((await cluster.api.send('GET', paths.route)).body)
    expect(conditionOf(after, 'Programmed')?.lastTransitionTime).toBe(
      conditionOf(served, 'Programmed')?.lastTransitionTime,
    )
    leader = follower
    follower = await join()
  })
})

describe('a leader that ends', () => {
  it('gives the Lease back, so that another pushes within five seconds', async () => {
    const before = dataplane.taken.all.at(-1)!
    const from = performance.now()
    expect(await leader.process.stop()).toBe(0)
    const { took } = await resumed(from, before)
    expect(took).toBeLessThan(5_000)
    await change('after-the-end')
  })
})

describe('whatever happened', () => {
  it('a data plane took only what was newer, and was sent nothing else', () => {
    const { all } = dataplane.taken
    const later = all.slice(1).map((one, index) => {
      const before = all[index]!
      return one.term > before.term || (one.term === before.term && one.sequence > before.sequence)
    })
    expect(later.every(Boolean)).toBe(true)
    expect(dataplane.events.all.filter(({ type }) => type === 'nacked')).toEqual([])
    expect(new Set(all.map(({ term }) => term)).size).toBe(6)
  })
})
