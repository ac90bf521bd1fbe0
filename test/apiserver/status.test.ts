import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from './apiRequests.ts'
import { conditionOf, describedBy, eventsOf, reasonOf, type Described } from './conditions.ts'
import { paths, startControlledCluster, type ControlledCluster } from './controlledCluster.ts'
import { gatehouse, ordersRoute } from './shop.ts'

const controllerName = 'gatehouse.dev/gatehouse-system/edge'

let cluster: ControlledCluster

beforeAll(async () => {
  cluster = await startControlledCluster()
})
afterAll(async () => {
  expect(await cluster.close()).toBe(0)
})

const reason = (path: string, type: string, wanted: string): Promise<Described> =>
  reasonOf(cluster.api, path, type, wanted)

/** With a data plane that is the only one. What the statuses said of the one before must not be taken for this one's. */
async function withFirstDataplane(...args: Parameters<ControlledCluster['withDataplane']>): Promise<void> {
  for (const path of [paths.route, paths.policy, paths.gatehouse]) await reason(path, 'Programmed', 'NoDataPlanes')
  await cluster.withDataplane(...args)
}

describe('conditions', () => {
  it('say what the compiler found before any data plane is there', async () => {
    // The route is there before its policy, and a status may be written in between.
    const route = await reason(paths.route, 'Protected', 'Protected')
    expect(route.conditions).toMatchObject([
      { type: 'Accepted', status: 'True', observedGeneration: route.generation },
      { type: 'ResolvedRefs', status: 'True' },
      { type: 'Protected', status: 'True' },
      { type: 'Programmed', status: 'False', message: 'No data plane is ready' },
    ])
    expect(route.entries).toMatchObject([{ controllerName, conditions: route.conditions }])
    expect((await reason(paths.policy, 'Programmed', 'NoDataPlanes')).entries).toMatchObject([{ controllerName }])
    await reason(paths.gatehouse, 'Programmed', 'NoDataPlanes')
  })

  it('let kubectl wait until every data plane serves', async () => {
    await withFirstDataplane(async () => {
      const wait = (namespace: string, object: string) =>
        cluster.server.kubectl(['-n', namespace, 'wait', object, '--for=condition=Programmed', '--timeout=30s'])
      await wait('shop', 'gatewayroute/orders')
      await wait('shop', 'accesspolicy/orders')
      await wait('gatehouse-system', 'gatehouse/edge')
      const { body } = await waitFor(cluster.api, paths.gatehouse, ({ body: { status } }) => {
        const { fleet } = status as { readonly fleet?: { readonly ready: number } }
        return fleet?.ready === 1
      })
      expect(body['status']).toMatchObject({
        fleet: { desired: 1, ready: 1, behind: 0, refused: 0 },
        listeners: [{ name: 'http', attachedRoutes: 1 }],
      })
    })
    await reason(paths.route, 'Programmed', 'NoDataPlanes')
  })

  it('follow generations, and date only what changed', async () => {
    await withFirstDataplane(async () => {
      const before = await reason(paths.route, 'Programmed', 'Programmed')
      await cluster.apply(ordersRoute({ hostnames: ['orders.example', 'www.orders.example'] }))
      const after = await reason(paths.route, 'Programmed', 'Programmed')
      expect(after.generation).toBe(before.generation + 1)
      expect(after.conditions.map(({ observedGeneration }) => observedGeneration)).toEqual(
        after.conditions.map(() => after.generation),
      )
      expect(conditionOf(after, 'Accepted')!.lastTransitionTime).toBe(
        conditionOf(before, 'Accepted')!.lastTransitionTime,
      )
    })
  })

  it('name what a data plane refuses, and tell it as an Event', async () => {
    const refused = [{ resource: 'route/shop/orders', field: '/rules/0', reason: 'InvalidValue' as const }]
    await withFirstDataplane(
      async () => {
        const route = await reason(paths.route, 'Programmed', 'RefusedByDataPlane')
        expect(conditionOf(route, 'Programmed')).toMatchObject({
          status: 'False',
          message: 'A data plane refused it: InvalidValue route/shop/orders /rules/0',
        })
        await reason(paths.policy, 'Programmed', 'RefusedByDataPlane')
        await reason(paths.gatehouse, 'Programmed', 'Programmed')
        const events = await eventsOf(cluster.api, { kind: 'GatewayRoute', name: 'orders' }, 'RefusedByDataPlane')
        expect(events).toMatchObject([{ type: 'Warning', note: conditionOf(route, 'Programmed')!.message }])
      },
      { reply: () => ({ refused }) },
    )
  })

  it('say on a route that a circuit is open at a data plane', async () => {
    const open = { route: 'shop/orders', rule: 'all', upstream: 'shop/orders:80' }
    await withFirstDataplane(
      async () => {
        const route = await reason(paths.route, 'CircuitOpen', 'BackendFailing')
        expect(conditionOf(route, 'CircuitOpen')).toMatchObject({
          status: 'True',
          message: expect.stringMatching(/: \/spec\/rules\/0 \(shop\/orders:80\)$/),
        })
        expect(conditionOf(route, 'Programmed')).toMatchObject({ status: 'True' })
      },
      { reply: () => ({ refused: [], openCircuits: [open] }) },
    )
  })

  it('say on the Gatehouse, and as an Event, at how many data planes its store cannot be counted in', async () => {
    const redis = { topology: 'Single', servers: [{ host: 'redis.example', port: 6379 }] }
    await cluster.apply({ ...gatehouse, spec: { ...gatehouse.spec, quotaStore: { type: 'Redis', redis } } })
    try {
      await withFirstDataplane(
        async () => {
          const edge = await reason(paths.gatehouse, 'QuotaStoreUnavailable', 'StoreFailing')
          expect(conditionOf(edge, 'QuotaStoreUnavailable')).toMatchObject({
            status: 'True',
            message: expect.stringMatching(/: unreachable at 1 of 1 data plane$/),
          })
          const object = { kind: 'Gatehouse', namespace: 'gatehouse-system', name: 'edge' }
          const events = await eventsOf(cluster.api, object, 'StoreFailing')
          expect(events).toMatchObject([{ type: 'Warning', note: conditionOf(edge, 'QuotaStoreUnavailable')!.message }])
        },
        { reply: () => ({ refused: [], storeFault: 'unreachable' }) },
      )
    } finally {
      await cluster.apply(gatehouse)
    }
  })

  it('name an update that was not taken, and wait for who is behind', async () => {
    await withFirstDataplane(async () => {
      await reason(paths.route, 'Programmed', 'Programmed')
      await cluster.withDataplane(
        async () => {
          const route = await reason(paths.route, 'Programmed', 'RefusedByDataPlane')
          expect(conditionOf(route, 'Programmed')!.message).toContain('HashMismatch')
        },
        { instance: 'dp-1', reply: () => ({ nack: 'HashMismatch' }) },
      )
      await reason(paths.route, 'Programmed', 'Programmed')
    })
    let count = 0
    await withFirstDataplane(
      async () => {
        await reason(paths.route, 'Programmed', 'Programmed')
        await cluster.apply(ordersRoute())
        await reason(paths.route, 'Programmed', 'Reconciling')
      },
      { reply: () => (count++ === 0 ? { refused: [] } : 'silence') },
    )
  })

  it('show in the columns of kubectl get', async () => {
    await withFirstDataplane(async () => {
      await reason(paths.route, 'Programmed', 'Programmed')
      await reason(paths.policy, 'Programmed', 'Programmed')
      await reason(paths.gatehouse, 'Programmed', 'Programmed')
      const columns = async (...args: readonly string[]): Promise<readonly string[][]> => {
        const { stdout } = await cluster.server.kubectl(['get', ...args])
        return stdout
          .trim()
          .split('\n')
          .map((line) => line.split(/ {2,}/).slice(0, -1))
      }
      expect(await columns('gwr', '-n', 'shop')).toEqual([
        ['NAME', 'HOSTNAMES', 'ACCEPTED', 'PROTECTED', 'PROGRAMMED'],
        ['orders', '["orders.example"]', 'True', 'True', 'True'],
      ])
      expect(await columns('acp', '-n', 'shop')).toEqual([
        ['NAME', 'MODE', 'TARGETS', 'ACCEPTED', 'PROGRAMMED'],
        ['orders', 'Enforce', '1', 'True', 'True'],
      ])
      expect(await columns('gatehouses', '-A')).toEqual([
        ['NAMESPACE', 'NAME', 'ACCEPTED', 'PROGRAMMED'],
        ['gatehouse-system', 'edge', 'True', 'True'],
      ])
    })
  })
})

describe('what others wrote', () => {
  const foreign = {
    parentRef: { group: 'gatehouse.dev', kind: 'Gatehouse', namespace: 'gatehouse-system', name: 'internal' },
    controllerName: 'gatehouse.dev/gatehouse-system/internal',
    conditions: [
      {
        type: 'Accepted',
        status: 'False',
        observedGeneration: 1,
        lastTransitionTime: '2026-01-01T00:00:00Z',
        reason: 'HostNotAllowed',
        message: 'No',
      },
    ],
  }

  it('stays, and counts in the worst of all', async () => {
    await withFirstDataplane(async () => {
      const before = await reason(paths.route, 'Programmed', 'Programmed')
      const { body } = await cluster.api.send('GET', paths.route)
      const status = body['status'] as { readonly parents: readonly object[] }
      const parents = [foreign, ...status.parents]
      const put = await cluster.api.send('PUT', `${paths.route}/status`, { ...body, status: { ...status, parents } })
      expect(put.status).toBe(200)
      const after = describedBy(
        (
          await waitFor(
            cluster.api,
            paths.route,
            (answer) => conditionOf(describedBy(answer.body), 'Accepted')?.reason === 'HostNotAllowed',
          )
        ).body,
      )
      expect(after.entries).toMatchObject([foreign, { controllerName, conditions: before.entries[0]!.conditions }])
      expect(conditionOf(after, 'Programmed')).toMatchObject({ status: 'True' })
    })
  })

  it('stays alone when the route goes to another installation, and comes back', async () => {
    const internal = { ...gatehouse, metadata: { ...gatehouse.metadata, name: 'internal' } }
    const parentRefs = [{ group: 'gatehouse.dev', kind: 'Gatehouse', ...internal.metadata }]
    await cluster.apply(internal, ordersRoute({ parentRefs }))
    const left = await waitFor(cluster.api, paths.route, ({ body }) => describedBy(body).entries.length === 1)
    expect(describedBy(left.body).entries).toMatchObject([foreign])
    await cluster.server.kubectl(['-n', 'gatehouse-system', 'delete', 'gatehouses', 'internal'])
    await cluster.apply(ordersRoute())
    const back = await waitFor(cluster.api, paths.route, ({ body }) => describedBy(body).entries.length === 2)
    expect(describedBy(back.body).entries).toMatchObject([foreign, { controllerName }])
  })
})
