import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { startChartServer, type ChartServer } from './chartServer.ts'
import { chartFolder, release } from './helm.ts'

let server: ChartServer
beforeAll(async () => void (server = await startChartServer()))
afterAll(() => server.close())
afterEach(() => server.helm(['uninstall', release.name, ...inNamespace, noHooks, '--ignore-not-found']))

const inNamespace = ['--namespace', release.namespace]
const chart = [release.name, chartFolder('gatehouse'), ...inNamespace]
/** There is no kubelet here that would run the Pods of hooks. */
const noHooks = '--no-hooks'

const helmWith = (verb: string, values: object): Promise<string> =>
  server.helm([verb, ...chart, noHooks, '-f', '-'], { input: stringify(values) })

const paths = {
  controller: '/apis/apps/v1/namespaces/gatehouse-system/deployments/edge-controller',
  dataplane: '/apis/apps/v1/namespaces/gatehouse-system/deployments/edge-dataplane',
  gatehouse: '/apis/gatehouse.dev/v1alpha1/namespaces/gatehouse-system/gatehouses/edge',
  lease: '/apis/coordination.k8s.io/v1/namespaces/gatehouse-system/leases/edge-controller',
  route: '/apis/gatehouse.dev/v1alpha1/namespaces/shop/gatewayroutes/orders',
  kind: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gatewayroutes.gatehouse.dev',
} as const

async function found(path: string): Promise<unknown> {
  const { status, body } = await server.api.send('GET', path)
  return status === 200 ? body['spec'] : status
}

const route = {
  apiVersion: 'gatehouse.dev/v1alpha1',
  kind: 'GatewayRoute',
  metadata: { name: 'orders', namespace: 'shop' },
  spec: { hostnames: ['a.example'], rules: [{ name: 'all', backendRefs: [{ name: 'orders', port: 80 }] }] },
}

const held = { holderIdentity: 'edge-controller-0', leaseDurationSeconds: 10, leaseTransitions: 7 }
const bound = { hosts: [{ pattern: 'a.example', namespaces: ['shop'] }] }

describe('an installation by Helm', () => {
  it('keeps its number of data planes when autoscaling takes over, as the guide says', async () => {
    await helmWith('install', { dataplane: { replicas: 4 } })
    await server.api.send('PATCH', `${paths.dataplane}/scale`, { spec: { replicas: 5 } })
    await helmWith('upgrade', { dataplane: { autoscaling: { enabled: true } } })
    expect(await found(paths.dataplane)).toMatchObject({ replicas: 5 })
  })

  it('is made, changed, set back and removed, and what is not its own stays', async () => {
    await helmWith('install', {})
    expect(await found(paths.controller)).toMatchObject({ replicas: 2 })
    await server.apply([route])
    await server.api.send('PATCH', paths.lease, { spec: held })

    await helmWith('upgrade', { controller: { replicas: 3 }, gatehouse: bound })
    expect(await found(paths.controller)).toMatchObject({ replicas: 3 })
    expect(await found(paths.gatehouse)).toMatchObject(bound)
    expect(await found(paths.lease)).toMatchObject(held)

    await server.helm(['rollback', release.name, ...inNamespace, noHooks])
    expect(await found(paths.controller)).toMatchObject({ replicas: 2 })
    expect(await found(paths.gatehouse)).not.toHaveProperty('hosts')
    expect(await found(paths.lease)).toMatchObject(held)

    await server.helm(['uninstall', release.name, ...inNamespace, noHooks])
    await server.helm(['uninstall', 'kinds', ...inNamespace])
    const gone = [paths.controller, paths.gatehouse, paths.lease].map(found)
    expect(await Promise.all(gone)).toEqual([404, 404, 404])
    expect(await found(paths.kind)).toMatchObject({ group: 'gatehouse.dev' })
    expect(await found(paths.route)).toMatchObject(route.spec)
  })
})
