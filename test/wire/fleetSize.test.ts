import type { Json, Update } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { gatehouse, ordersRoute } from '../apiserver/shop.ts'
import { controllersOfTests, shop, shopUnder } from './runningController.ts'

const run = controllersOfTests()

/** Among how many an update says that limits are divided; undefined = it says nothing new. */
const dividedBy = ({ set }: Update): Json | undefined => set.find(({ kind }) => kind === 'fleet')?.spec['dataPlanes']

describe('the number of data planes', () => {
  it('comes with the first snapshot, and alone when one more connects, before that one serves', async () => {
    const { become, connect, reports } = await run()
    become(shop(ordersRoute()))
    const first = await connect({ instance: 'a' })
    expect(dividedBy(await first.updates.at(0))).toBe(1)
    const second = await connect({ instance: 'b', reply: () => 'silence' })
    const told = await first.updates.at(1)
    expect(told.set.map(({ kind }) => kind)).toEqual(['fleet'])
    expect([dividedBy(told), told.removed]).toEqual([2, []])
    await second.updates.first((update) => dividedBy(update) !== undefined)
    await reports.first(({ fleet }) => fleet.dividedBy === 2)
  })

  it('is no smaller when one goes or comes back', async () => {
    const { become, connect, reports } = await run()
    become(shop(ordersRoute()))
    const first = await connect({ instance: 'a' })
    const second = await connect({ instance: 'b' })
    await first.updates.first((update) => dividedBy(update) === 2)
    await second.close()
    await reports.first(({ fleet }) => fleet.sessions.length === 1 && fleet.dividedBy === 2)
    const back = await connect({ instance: 'b' })
    expect(dividedBy(await back.updates.at(0))).toBe(2)
    become(shop())
    const next = await first.updates.first(({ removed }) => removed.includes('route/shop/orders'))
    expect(dividedBy(next)).toBeUndefined()
  })

  it('counts the ready endpoints of their Service, also while none is connected', async () => {
    const { become, connect } = await run({ dataplaneService: { namespace: 'shop', name: 'orders' } })
    const slices = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address, index) => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        namespace: 'shop',
        name: `orders-${index + 10}`,
        labels: { 'kubernetes.io/service-name': 'orders' },
      },
      endpoints: [
        { addresses: [address], conditions: { ready: true }, targetRef: { kind: 'Pod', name: `p-${index}` } },
      ],
    }))
    become(shop(ordersRoute(), ...slices))
    const one = await connect({ instance: 'p-0' })
    // The shop's Service has an endpoint besides.
    expect(dividedBy(await one.updates.at(0))).toBe(4)
  })

  it('is for a new leader what the one before has said, until it has been otherwise for a while', async () => {
    const { become, connect } = await run()
    const status = { fleet: { desired: 3, ready: 3, behind: 0, refused: 0 } }
    become(shopUnder({ ...gatehouse, status }, ordersRoute()))
    const one = await connect({ instance: 'a' })
    expect(dividedBy(await one.updates.at(0))).toBe(3)
  })
})
