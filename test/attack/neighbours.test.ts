import { seal, type Resource } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBackend, type Backend, type Responder } from '../support/backend.ts'
import { openRaw, sendRaw, type RawConnection } from '../support/raw.ts'
import {
  backendOf,
  forwardTo,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  under,
  upstreamResources,
} from '../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { attackedEntry } from './attackedEntry.ts'
import { request } from './attack.ts'

/** Requests that one namespace may have under way; twice as many connections. */
const bound = 4
const endless = { request: 0, backendRequest: 0, connect: 0, idle: 0, maxStreamAge: 0 }
const silent: Responder = () => {}
/** Has its connections kept for as long as anybody keeps them. */
const clinging: Responder = (_request, response) => void response.writeHead(200, { 'keep-alive': 'timeout=600' }).end()

/** A route of `NAMESPACE.example` to `SERVICE:80` of that namespace, each with its backends. */
function tenant(namespace: string, services: { readonly [service: string]: readonly Backend[] }): Resource[] {
  const upstreams = Object.entries(services).flatMap(([service, backends]) =>
    upstreamResources(service, backends, { namespace }).map((resource) => ({
      ...resource,
      name: `${namespace}/${service}:80`,
    })),
  )
  const rules = Object.keys(services).map((service) => {
    const to = backendOf(service, { upstream: `${namespace}/${service}:80` })
    return ruleTo(service, {
      name: service,
      matches: under(`/${service}`),
      action: forwardTo(service, { backends: [to], timeouts: endless }),
    })
  })
  const route = routeResource(rules, { object: { namespace, name: 'all' }, hostnames: [`${namespace}.example`] })
  return [...upstreams, { ...route, name: `${namespace}/all` }]
}

/** One tenant that takes what it gets, and one that wants to be served beside it. */
describe('attack: neighbours', () => {
  const open: RawConnection[] = []
  const backends: Backend[] = []
  let stuck: Backend
  let many: Backend[]
  let honest: Backend
  let served: ServedDataplane
  beforeAll(async () => {
    const start = async (responder: Responder): Promise<Backend> => {
      const backend = await startBackend(responder)
      backends.push(backend)
      return backend
    }
    stuck = await start(silent)
    many = await Promise.all(Array.from({ length: 2 * bound + 2 }, () => start(clinging)))
    honest = await start((_request, response) => void response.end('ok'))
    const resources = [
      installationResource({ parallelRequests: bound }),
      listenerResource(),
      policyResource(),
      ...tenant('greedy', { stuck: [stuck], many }),
      ...tenant('honest', { web: [honest] }),
    ]
    served = await startServedDataplane(resources.map(seal), attackedEntry)
  })
  afterAll(async () => {
    for (const connection of open) connection.close()
    await served.close()
    await Promise.all(backends.map((backend) => backend.close()))
  })

  async function send(host: string, path: string, headers: readonly string[] = []): Promise<RawConnection> {
    const connection = await openRaw(await served.process.listener('http'))
    open.push(connection)
    await connection.send(request(path, { host, headers }))
    return connection
  }

  async function answerTo(host: string, path: string): Promise<readonly [number | undefined, string | null]> {
    const { responses } = await sendRaw(await served.process.listener('http'), request(path, { host }), {
      responses: 1,
    })
    const [answer] = responses
    const code = /urn:gatehouse:problem:([a-z-]+)/.exec(answer?.body.toString() ?? '')?.[1] ?? null
    if (answer?.status === 503) expect(answer.headers.get('retry-after')).toEqual(['1'])
    return [answer?.status, code]
  }

  const clientsGo = async (): Promise<void> => {
    for (const connection of open.splice(0)) connection.close()
    await expect.poll(() => stuck.open()).toBe(0)
  }

  it('one whose backend never answers has so many requests under way, and no more; the other is served', async () => {
    for (let sent = 0; sent < bound; sent++) await send('greedy.example', '/stuck')
    await expect.poll(() => stuck.requests.length).toBe(bound)
    expect(await answerTo('greedy.example', '/stuck')).toEqual([503, 'namespace-full'])
    expect(await answerTo('greedy.example', '/many')).toEqual([503, 'namespace-full'])
    expect(await answerTo('honest.example', '/web')).toEqual([200, null])
    expect(stuck.requests).toHaveLength(bound)
    expect(many.map((backend) => backend.accepted())).toEqual(many.map(() => 0))
    const line = await served.process.lines.first((one) => one['code'] === 'namespace-full')
    expect(line).toMatchObject({
      ...{ decision: 'permit', check: 'forward', route: 'greedy/all', status: 503 },
      ...{ upstream: 'greedy/stuck:80', upstreamTries: 0 },
    })
    const metrics = await (await fetch(`${await served.process.admin()}/metrics`)).text()
    expect(metrics).toContain(`gatehouse_namespace_load{namespace="greedy",of="requests"} ${bound}`)
    await clientsGo()
  })

  it('one with endless answers has no more of them', async () => {
    stuck.respond((_request, response) => void response.writeHead(200).write('data: 1\n\n'))
    const before = stuck.requests.length
    for (let sent = 0; sent < bound; sent++) await send('greedy.example', '/stuck')
    await expect.poll(() => stuck.requests.length - before).toBe(bound)
    expect(await answerTo('greedy.example', '/stuck')).toEqual([503, 'namespace-full'])
    expect(await answerTo('honest.example', '/web')).toEqual([200, null])
    await clientsGo()
  })

  it('one that has its connections kept has so many connections, and no more; the other is served', async () => {
    const answers: (readonly [number | undefined, string | null])[] = []
    for (const _ of many) answers.push(await answerTo('greedy.example', '/many'))
    expect(answers.slice(0, 2 * bound)).toEqual(Array.from({ length: 2 * bound }, () => [200, null]))
    expect(answers.slice(2 * bound)).toEqual(Array.from({ length: 2 }, () => [503, 'namespace-full']))
    expect(many.reduce((sum, backend) => sum + backend.accepted(), 0)).toBe(2 * bound)
    expect(await answerTo('honest.example', '/web')).toEqual([200, null])
  })
})
