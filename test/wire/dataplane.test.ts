import { afterEach, describe, expect, it } from 'vitest'
import { seal, type Resource } from '@gatehouse/contract'
import { ConfigError, readConfig } from '../../dataplane/src/config.ts'
import { startDataplane } from '../../dataplane/src/runtime.ts'
import { startBackend, type Backend } from '../support/backend.ts'
import { startTestController } from '../support/controller.ts'
import { storeResource } from '../support/countingFleet.ts'
import { startDataplaneProcess } from '../support/dataplaneProcess.ts'
import { startGateway } from '../support/gateway.ts'
import { createPushChannel, credentialsFolder } from '../support/pushChannel.ts'
import { captureLogs } from '../support/logs.ts'
import { openRaw, sendRaw } from '../support/raw.ts'
import {
  forwardTo,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../support/resources.ts'
import { startScriptedStore } from '../support/scriptedStore.ts'
import { installation } from './follower.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function backend(): Promise<Backend> {
  const started = await startBackend()
  cleanups.push(started.close)
  return started
}

const resources = (target: Backend): Resource[] => [
  installationResource(),
  listenerResource(),
  ...upstreamResources('orders', [target]),
  policyResource(),
  routeResource([ruleTo('orders')]),
]

const get = (host: string, path = '/orders'): string => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
const once = { responses: 1 }

describe('a data plane', () => {
  it('names the setting and the address that is taken, and does not start', async () => {
    const harness = await startGateway(resources(await backend()))
    cleanups.push(harness.close)
    const taken = `127.0.0.1:${harness.dataplane.admin.port}`
    const config = readConfig({
      GATEHOUSE_INSTALLATION: 'gatehouse-system/edge',
      GATEHOUSE_CONTROLLERS: '127.0.0.1:1',
      GATEHOUSE_PUSH_DIRECTORY: '/nonexistent',
      GATEHOUSE_ADMIN: taken,
    })
    const sentence = `GATEHOUSE_ADMIN is ${taken}, which cannot be listened on (EADDRINUSE); free it or set another`
    await expect(startDataplane(config, { sink: captureLogs().sink })).rejects.toThrow(new ConfigError(sentence))
  })

  it('says which circuits are open, with the next answer or with one of its own', async () => {
    const target = await backend()
    target.respond((_request, response) => void response.writeHead(500).end())
    const breaker = { errorPercent: 50, minRequests: 2, window: 60_000, openFor: 60_000, slowCall: null }
    const guarded = routeResource([ruleTo('orders', { action: forwardTo('orders', { breaker }) })])
    const harness = await startGateway([...resources(target).filter(({ kind }) => kind !== 'route'), guarded])
    cleanups.push(harness.close)
    const statuses: (number | undefined)[] = []
    for (let count = 0; count < 3; count++) {
      const { responses } = await sendRaw(harness.target(), get('api.shop.example'), once)
      statuses.push(responses[0]?.status)
    }
    expect(statuses).toEqual([500, 500, 503])
    const { openCircuits } = await harness.controller.states.first((state) => state.openCircuits.length > 0)
    expect(openCircuits).toEqual([{ route: 'shop/orders', rule: 'all', upstream: 'shop/orders:80' }])
  })

  it('says why its store cannot be counted in, once it is gone', async () => {
    const soundStore = ([command]: readonly string[]): string => (command === 'EVAL' ? '$2\r\nok\r\n' : '+OK\r\n')
    const store = await startScriptedStore(soundStore)
    const server = { host: '127.0.0.1', port: store.port }
    const harness = await startGateway([...resources(await backend()), storeResource({ type: 'Single', server })])
    cleanups.push(harness.close)
    await harness.logs.lines.first(({ event }) => event === 'store-up')
    expect(harness.controller.states.all.map(({ storeFault }) => storeFault)).toEqual([null, null])
    await store.close()
    expect(await harness.controller.states.first(({ storeFault }) => storeFault !== null)).toMatchObject({
      storeFault: 'unreachable',
      refused: [],
    })
  })

  it('writes a permit to the audit log and a refusal to the security log, and counts both', async () => {
    const harness = await startGateway(resources(await backend()))
    cleanups.push(harness.close)
    await sendRaw(harness.target(), get('api.shop.example'), once)
    const { responses } = await sendRaw(harness.target(), get('other.example'), once)
    const problem = JSON.parse(responses[0]!.body.toString()) as { requestId: string }
    expect(await harness.logs.lines.first(({ log }) => log === 'audit')).toMatchObject({
      decision: 'permit',
      status: 200,
      route: 'shop/orders',
      upstream: 'shop/orders:80',
      completed: true,
    })
    const refused = await harness.logs.decision(problem.requestId)
    expect(refused).toMatchObject({ log: 'security', decision: 'refuse', code: 'no-route', host: 'other.example' })
    const metrics = await harness.metrics()
    expect(metrics).toContain('gatehouse_requests_total{listener="http",code_class="2xx",check="none"} 1')
    expect(metrics).toContain('gatehouse_requests_total{listener="http",code_class="4xx",check="route"} 1')
    expect(metrics).toContain(`gatehouse_config_info{revision="${harness.controller.push.newest!.revision}"} 1`)
    expect(metrics).toContain('gatehouse_upstream_requests_total{outcome="2xx"} 1')
    expect(metrics).not.toContain('other.example')
  })

  it('tells of breakers, key sets and connections', async () => {
    const target = await backend()
    const breaker = { errorPercent: 50, minRequests: 2, window: 10_000, openFor: 10_000, slowCall: null }
    const rule = ruleTo('orders')
    if (rule.action.type !== 'Forward') throw new Error('the rule forwards')
    const guarded = { ...rule, action: { ...rule.action, breaker } }
    const harness = await startGateway([...resources(target).slice(0, -1), routeResource([guarded])], {
      perRouteMetrics: true,
    })
    cleanups.push(harness.close)
    const connection = await openRaw(harness.target())
    await connection.send(get('api.shop.example'))
    await connection.read(1)
    const metrics = await harness.metrics()
    connection.close()
    const labels = 'route="shop/orders",rule="all"'
    expect(metrics).toContain('gatehouse_connections{listener="http"} 1')
    expect(metrics).toContain('gatehouse_client_sessions_ended_total{reason="flood"} 0')
    expect(metrics).toContain('gatehouse_breakers{state="closed"} 1')
    expect(metrics).toContain(`gatehouse_breaker_state{${labels},upstream="shop/orders:80",state="closed"} 1`)
    expect(metrics).toContain(`gatehouse_route_requests_total{${labels},code_class="2xx",check="none"} 1`)
    expect(metrics).toContain('gatehouse_key_sets{state="missing"} 0')
  })

  it('never serves the admin paths on a data listener', async () => {
    const harness = await startGateway(resources(await backend()))
    cleanups.push(harness.close)
    for (const path of ['/metrics', '/readyz', '/healthz']) {
      const { responses } = await sendRaw(harness.target(), get('other.example', path), once)
      expect(responses[0]!.status).toBe(404)
    }
  })

  it('keeps connections across a swap and gives new requests the new configuration', async () => {
    const [first, second] = [await backend(), await backend()]
    const harness = await startGateway(resources(first))
    cleanups.push(harness.close)
    const connection = await openRaw(harness.target())
    await connection.send(get('api.shop.example'))
    await connection.read(1)
    await harness.apply(resources(second))
    await connection.send(get('api.shop.example'))
    const { responses, closed } = await connection.read(2)
    connection.close()
    expect(responses.map(({ status }) => status)).toEqual([200, 200])
    expect(closed).toBe(false)
    expect([first.requests.length, second.requests.length]).toEqual([1, 1])
  })

  it('reports a listener whose port is taken, serves the others, and says when it is free', async () => {
    const taken = await backend()
    const harness = await startGateway([...resources(await backend()), listenerResource({ port: taken.port }, 'busy')])
    cleanups.push(harness.close)
    expect(harness.controller.states.all.at(-1)?.refused).toEqual([
      { resource: 'listener/busy', field: '/port', reason: 'BuildFailed' },
    ])
    const { responses } = await sendRaw(harness.target(), get('api.shop.example'), once)
    expect(responses[0]!.status).toBe(200)
    await taken.close()
    const mended = await harness.controller.states.first(
      (state) => state.revision !== null && state.refused.length === 0,
    )
    expect(mended.revision).toBe(harness.dataplane.gateway()?.revision)
    expect(harness.target('busy').port).toBe(taken.port)
    const listening = await harness.logs.lines.first(
      (line) => line['event'] === 'listening' && line['resource'] === 'listener/busy',
    )
    expect(listening).toMatchObject({ event: 'listening', address: `127.0.0.1:${taken.port}` })
  })
})

describe('the process of a data plane', () => {
  it('is ready only with a snapshot, and leaves on SIGTERM when open requests have ended', async () => {
    const target = await backend()
    let answer = (): void => {}
    const reached = new Promise<void>((resolve) => {
      target.respond((_request, response) => {
        answer = () => void response.end('late')
        resolve()
      })
    })
    const channel = await createPushChannel(installation)
    const folder = await credentialsFolder(channel.authority.certificate, channel.dataplane, channel.signing)
    const controller = await startTestController(channel)
    cleanups.push(folder.remove, controller.close)
    const started = startDataplaneProcess({
      installation,
      controllers: [controller.address],
      pushDirectory: folder.path,
    })
    cleanups.push(() => started.stop())
    const admin = await started.admin()
    expect((await fetch(`${admin}/readyz`)).status).toBe(503)
    await controller.publish(resources(target).map(seal))
    expect((await fetch(`${admin}/readyz`)).status).toBe(200)
    const connection = await openRaw(await started.listener('http'))
    await connection.send(get('api.shop.example'))
    await reached
    const stopped = started.stop()
    await started.lines.first((line) => line['event'] === 'draining')
    answer()
    const { responses } = await connection.read(1)
    expect(responses[0]!.body.toString()).toBe('late')
    expect(await stopped).toBe(0)
    expect(started.lines.all.at(-1)).toMatchObject({ event: 'stopped' })
  })

  it('names the setting that is wrong and exits 78', async () => {
    const started = startDataplaneProcess({ installation, controllers: ['nowhere'], pushDirectory: '/' })
    const status = await new Promise((resolve) => started.child.on('exit', resolve))
    expect(status).toBe(78)
  })
})
