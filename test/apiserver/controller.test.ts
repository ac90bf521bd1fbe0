import { join } from 'node:path'
import { bundleVersion } from '@gatehouse/crds'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conditionOf, describedBy, eventsOf, reasonOf, type Described } from './conditions.ts'
import { paths, startControlledCluster, type ControlledCluster } from './controlledCluster.ts'
import { anyonePolicy, ordersRoute } from './shop.ts'

let cluster: ControlledCluster

beforeAll(async () => {
  cluster = await startControlledCluster()
})
afterAll(async () => {
  expect(await cluster.close()).toBe(0)
})

const reason = (path: string, type: string, wanted: string): Promise<Described> =>
  reasonOf(cluster.api, path, type, wanted)

describe('writing', () => {
  it('leaves objects alone that nothing happened to', async () => {
    await cluster.withDataplane(async () => {
      const before = await reason(paths.policy, 'Programmed', 'Programmed')
      const other = { ...ordersRoute({ hostnames: ['other.example'] }), metadata: { name: 'other', namespace: 'shop' } }
      await cluster.apply(other)
      await reason(`${paths.routes}/other`, 'Programmed', 'Programmed')
      const after = describedBy((await cluster.api.send('GET', paths.policy)).body)
      expect(after.resourceVersion).toBe(before.resourceVersion)
    })
  })

  it('tells each fault once as an Event', async () => {
    const named = (name: string, host: string): object => ({
      ...ordersRoute({ hostnames: [host] }, [{ name: 'nowhere', port: 80 }]),
      metadata: { name, namespace: 'shop' },
    })
    const events = (name: string, wanted: string) => eventsOf(cluster.api, { kind: 'GatewayRoute', name }, wanted)
    await cluster.apply(named('broken', 'broken.example'))
    const path = `${paths.routes}/broken`
    const first = await reason(path, 'ResolvedRefs', 'BackendNotFound')
    expect(conditionOf(first, 'Protected')).toMatchObject({ status: 'False', reason: 'NoPolicy' })
    await events('broken', 'BackendNotFound')
    await events('broken', 'NoPolicy')
    await cluster.apply(named('broken', 'changed.example'))
    await reason(path, 'ResolvedRefs', 'BackendNotFound')
    // What is told of the next route is told after what would have been told again of this one.
    await cluster.apply(named('later', 'later.example'))
    await events('later', 'BackendNotFound')
    expect(await events('broken', 'BackendNotFound')).toHaveLength(1)
  })

  it('follows deletions', async () => {
    await cluster.withDataplane(async (dataplane) => {
      await dataplane.updates.first(() => dataplane.held().has('policy/shop/orders'))
      await cluster.api.send('DELETE', paths.policy)
      await reason(paths.route, 'Protected', 'NoPolicy')
      await dataplane.updates.first(() => !dataplane.held().has('policy/shop/orders'))
      await cluster.api.send('DELETE', paths.route)
      await dataplane.updates.first(() => !dataplane.held().has('route/shop/orders'))
      await cluster.apply(ordersRoute(), anyonePolicy)
      const again = await reason(paths.route, 'Programmed', 'Programmed')
      expect(again.entries).toHaveLength(1)
    })
    expect(cluster.controller.lines.all.filter(({ level }) => level !== 'info')).toEqual([])
  })
})

describe('the process', () => {
  it('says on its admin port that it is ready, and what it did', async () => {
    const admin = await cluster.controller.admin()
    expect((await fetch(`${admin}/readyz`)).status).toBe(200)
    expect((await fetch(`${admin}/healthz`)).status).toBe(200)
    expect(await (await fetch(`${admin}/metrics`)).text()).toMatch(/^gatehouse_controller_revisions_total [1-9]/m)
  })

  it('writes every line of its log in the one form', () => {
    const fields = ['time', 'log', 'level', 'event', 'message', 'code', 'revision', 'object', 'instance', 'address']
    for (const line of cluster.controller.lines.all) {
      expect(Object.keys(line)).toEqual([...fields, 'count', 'term', 'stack'])
      expect(line.log).toBe('operational')
    }
  })

  it('stops with one sentence when the CRDs are older than it', async () => {
    const crd = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gatewayroutes.gatehouse.dev'
    const annotate = (value: string) =>
      cluster.api.send('PATCH', crd, { metadata: { annotations: { 'gatehouse.dev/bundle-version': value } } })
    await annotate('0')
    const refused = cluster.another()
    expect(await refused.ended).toBe(78)
    expect(refused.errors()).toMatch(/^the CustomResourceDefinition gatewayroutes\.gatehouse\.dev is of bundle 0.*\n$/)
    await annotate(String(bundleVersion))
  })
})

describe('the examples', () => {
  it('apply strictly, are accepted, and serve', async () => {
    await cluster.server.kubectl(['-n', 'shop', 'delete', 'gatewayroutes,accesspolicies', '--all'])
    const folders = ['quickstart-dev', 'quickstart'].map((name) => join(import.meta.dirname, '../../examples', name))
    await cluster.server.kubectl(['apply', '--validate=strict', ...folders.flatMap((folder) => ['-f', folder])])
    await cluster.withDataplane(async () => {
      const wait = (kind: string, condition: string) =>
        cluster.server.kubectl(['-n', 'shop', 'wait', kind, '--all', `--for=condition=${condition}`, '--timeout=30s'])
      for (const kind of ['gatewayroutes', 'accesspolicies']) {
        await wait(kind, 'Accepted')
        await wait(kind, 'Programmed')
      }
    })
  })
})
