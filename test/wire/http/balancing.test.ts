import type { Balancing } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { balancingBy } from '../../support/resources.ts'
import type { Backend } from '../../support/backend.ts'
import { openRaw, sendRaw } from '../../support/raw.ts'
import type { Fixture } from './fixture.ts'
import { head, keeper, until } from './keeper.ts'

const { backend, start } = keeper()

const backends = (count: number): Promise<Backend[]> =>
  Promise.all(Array.from({ length: count }, () => backend((_request, response) => void response.writeHead(200).end())))

const counts = (targets: readonly Backend[]): number[] => targets.map(({ requests }) => requests.length)

const spread = (pick: Balancing['pick'], slowStart = 0) => ({ action: { balancing: balancingBy(pick, { slowStart }) } })

/** Sends requests one after the other. @returns their statuses, each once */
async function ask(fixture: Fixture, times: number, ...headers: string[]): Promise<readonly number[]> {
  const { responses } = await sendRaw(fixture, head('GET', '/', ...headers).repeat(times), { responses: times })
  return [...new Set(responses.map(({ status }) => status))]
}

const byHeader: Balancing['pick'] = { type: 'ConsistentHash', key: { type: 'Header', name: 'x-user' } }

describe('a backend that does not answer', () => {
  it.each<[Balancing['pick']['type'], Balancing['pick']]>([
    ['LeastRequest', { type: 'LeastRequest' }],
    ['PeakEwma', { type: 'PeakEwma' }],
  ])('gets no more than what it has not answered: %s', async (_, pick) => {
    const targets = await backends(3)
    targets[0]!.respond(() => {})
    const fixture = await start({ targets, ...spread(pick) })
    while (counts(targets)[0] === 0) {
      const before = counts(targets).reduce((sum, count) => sum + count)
      const connection = await openRaw(fixture)
      await connection.send(head('GET', '/'))
      await until(() => counts(targets).reduce((sum, count) => sum + count) > before)
    }
    expect(await ask(fixture, 40)).toEqual([200])
    expect(counts(targets)[0]).toBe(1)
  })
})

describe('requests with the same key', () => {
  it('go to the same backend from every data plane, and where it goes to another together', async () => {
    const targets = await backends(4)
    const fixtures = [
      await start({ targets, ...spread(byHeader) }),
      await start({ targets: targets.toReversed(), ...spread(byHeader) }),
    ]
    for (const fixture of fixtures) expect(await ask(fixture, 10, 'X-User: ada')).toEqual([200])
    const owner = targets.find(({ requests }) => requests.length > 0)!
    expect(counts(targets).filter((count) => count > 0)).toEqual([20])
    const rest = targets.filter((target) => target !== owner)
    await fixtures[0]!.apply({ targets: rest, ...spread(byHeader) })
    expect(await ask(fixtures[0]!, 10, 'X-User: ada')).toEqual([200])
    expect(counts(rest).filter((count) => count > 0)).toEqual([10])
  })

  it('are those of many keys spread over all', async () => {
    const targets = await backends(3)
    const fixture = await start({ targets, ...spread(byHeader) })
    for (let user = 0; user < 60; user++) await ask(fixture, 1, `X-User: user-${user}`)
    for (const count of counts(targets)) expect(count).toBeGreaterThan(5)
  })
})

describe('a backend that comes', () => {
  it('has nothing at once where it is to start slowly, and its share where it is not', async () => {
    const targets = await backends(3)
    const [first, second] = targets
    const slowly = spread({ type: 'RoundRobin' }, 3_600_000)
    const fixture = await start({ targets: [first!, second!], ...slowly })
    await fixture.apply({ targets, ...slowly })
    expect(await ask(fixture, 40)).toEqual([200])
    expect(counts(targets)[2]).toBe(0)
    await fixture.apply({ targets, ...spread({ type: 'RoundRobin' }, 1) })
    expect(await ask(fixture, 30)).toEqual([200])
    expect(counts(targets)[2]).toBeGreaterThan(7)
  })
})

describe('a backend that is about to end', () => {
  it.each([null, balancingBy({ type: 'LeastRequest' })])(
    'gets nothing while others are there, and all when none is: %j',
    async (balancing) => {
      const targets = await backends(2)
      const [ending, lasting] = targets
      const draining = { ...ending!, draining: true }
      const fixture = await start({ targets: [draining, lasting!], action: { balancing } })
      expect(await ask(fixture, 10)).toEqual([200])
      expect(counts(targets)).toEqual([0, 10])
      await fixture.apply({ targets: [draining], action: { balancing } })
      expect(await ask(fixture, 5)).toEqual([200])
      expect(counts(targets)).toEqual([5, 10])
    },
  )

  it('finishes what it began when its address is gone', async () => {
    const targets = await backends(2)
    const [leaving, staying] = targets
    let answer = (): void => {}
    leaving!.respond((_request, response) => (answer = () => void response.writeHead(200).end('whole')))
    const fixture = await start({ targets: [leaving!] })
    const connection = await openRaw(fixture)
    await connection.send(head('GET', '/'))
    await until(() => leaving!.requests.length === 1)
    await fixture.apply({ targets: [staying!] })
    expect(await ask(fixture, 10)).toEqual([200])
    answer()
    const { responses } = await connection.read(1)
    connection.close()
    expect(responses[0]?.body.toString()).toBe('whole')
    expect(counts(targets)).toEqual([1, 10])
  })
})

describe('backends that come and go', () => {
  const passive = { consecutiveErrors: 5, ejectFor: 30_000, maxEjectionPercent: 50 }

  it.each<[string, Balancing | null]>([
    ['in turn', null],
    ['by key', balancingBy(byHeader)],
    ['by what is quickest, slowly and checked', balancingBy({ type: 'PeakEwma' }, { slowStart: 100, passive })],
  ])('cost no request: %s', async (_, balancing) => {
    const targets = await backends(4)
    const fixture = await start({ targets, action: { balancing } })
    const statuses = new Set<number>()
    let going = true
    const client = async (name: number): Promise<void> => {
      while (going) for (const status of await ask(fixture, 5, `X-User: ${name}`)) statuses.add(status)
    }
    const clients = Promise.all(Array.from({ length: 8 }, (_client, name) => client(name)))
    for (let round = 0; round < 24; round++) {
      await fixture.apply({ targets: targets.filter((_target, index) => index !== round % 4), action: { balancing } })
      await fixture.recorded(fixture.records.length + 40)
    }
    going = false
    await clients
    expect(statuses).toEqual(new Set([200]))
    expect(fixture.records.length).toBeGreaterThan(900)
    expect(fixture.records.every(({ code, completed }) => code === null && completed)).toBe(true)
    expect(fixture.changes).toEqual([])
  })
})

describe('a zone', () => {
  it('is served from within, and from everywhere when one backend does not say', async () => {
    const targets = await backends(3)
    const zones = [['west'], ['east'], ['west', 'east']]
    const hinted = targets.map((target, index) => ({ ...target, zones: zones[index]! }))
    const fixture = await start({ targets: hinted, zone: 'west' })
    expect(await ask(fixture, 20)).toEqual([200])
    expect(counts(targets)).toEqual([10, 0, 10])
    await fixture.apply({ targets: [...hinted.slice(0, 2), targets[2]!] })
    expect(await ask(fixture, 30)).toEqual([200])
    expect(counts(targets)).toEqual([20, 10, 20])
  })
})
