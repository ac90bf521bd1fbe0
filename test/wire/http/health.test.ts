import type { ActiveCheck, Balancing, PassiveCheck } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import type { Backend } from '../../support/backend.ts'
import { sendRaw } from '../../support/raw.ts'
import { balancingBy, type Target } from '../../support/resources.ts'
import type { Fixture, Wishes } from './fixture.ts'
import { codeOf, head, keeper, timeouts, until } from './keeper.ts'

const { backend, rawBackend, start } = keeper()

const active: ActiveCheck = {
  path: '/healthz',
  interval: 1000,
  timeout: 500,
  healthyThreshold: 1,
  unhealthyThreshold: 1,
  expectedStatuses: [200],
}
const passive: PassiveCheck = { consecutiveErrors: 2, ejectFor: 60_000, maxEjectionPercent: 50 }

const checking = (over: Partial<Balancing>): Partial<Wishes> => ({
  action: { balancing: balancingBy({ type: 'RoundRobin' }, over) },
})

const fine = (): Promise<Backend> => backend((_request, response) => void response.writeHead(200).end('fine'))

/** Answers probes with one status and requests with another. */
const answering = (probes: number, requests = 200): Promise<Backend> =>
  backend(({ target }, response) => void response.writeHead(target === '/healthz' ? probes : requests).end())

const asked = ({ requests }: Backend, path = '/'): number => requests.filter(({ target }) => target === path).length

/** Sends requests one after the other. */
async function ask(fixture: Fixture, times: number): Promise<number[]> {
  const { responses } = await sendRaw(fixture, head('GET', '/').repeat(times), { responses: times })
  return responses.map(({ status }) => status)
}

const changed = (fixture: Fixture): string[] => fixture.changes.map(({ change, address }) => `${change} ${address}`)

describe('an endpoint whose probes fail', () => {
  it('gets no requests until they succeed, over snapshots', async () => {
    const targets = [await fine(), await answering(503)]
    const [good, bad] = targets as [Backend, Backend]
    const fixture = await start({ targets, ...checking({ active }) })
    await until(() => fixture.changes.length > 0)
    expect(changed(fixture)).toEqual([`endpoint-unhealthy 127.0.0.1:${bad.port}`])
    expect(new Set(await ask(fixture, 20))).toEqual(new Set([200]))
    expect([asked(good), asked(bad)]).toEqual([20, 0])
    await fixture.apply({ targets, ...checking({ active }) })
    await ask(fixture, 10)
    expect(asked(bad)).toBe(0)
    bad.respond((_request, response) => void response.writeHead(200).end())
    await until(() => fixture.changes.length > 1)
    await ask(fixture, 10)
    expect(asked(bad)).toBe(5)
    expect(good.accepted()).toBeGreaterThan(0)
  })

  it.each<[string, () => Promise<Target>]>([
    ['it answers with a redirect', () => answering(302)],
    ['it closes', () => rawBackend((socket) => socket.destroy())],
    ['it says nothing', () => rawBackend(() => {})],
    ['it sends something else', () => rawBackend((socket) => void socket.write('SSH-2.0-x\r\n'))],
  ])('is one where %s', async (_, failing) => {
    const good = await fine()
    const bad = await failing()
    const fixture = await start({ targets: [good, bad], ...checking({ active }) })
    await until(() => fixture.changes.length > 0)
    expect(changed(fixture)).toEqual([`endpoint-unhealthy 127.0.0.1:${bad.port}`])
  })

  it('leaves a request without any, which is told so and when to come again', async () => {
    const target = await answering(503)
    const fixture = await start({ targets: [target], ...checking({ active, panicThreshold: 0 }) })
    await until(() => fixture.changes.length > 0)
    const { responses } = await sendRaw(fixture, head('GET', '/'), { responses: 1 })
    expect(responses[0]?.status).toBe(503)
    expect(codeOf(responses[0])).toBe('no-endpoint')
    expect(responses[0]?.headers.get('retry-after')).toEqual(['1'])
    expect(asked(target)).toBe(0)
  })

  it('gets requests all the same when fewer are left than the threshold says', async () => {
    const targets = [await answering(503), await answering(503), await fine()]
    const fixture = await start({ targets, ...checking({ active, panicThreshold: 50 }) })
    await until(() => fixture.changes.length === 2)
    expect(new Set(await ask(fixture, 30))).toEqual(new Set([200]))
    expect(targets.map((target) => asked(target))).toEqual([10, 10, 10])
  })
})

describe('a probe', () => {
  it('says who asks and nothing of anybody, and takes nothing of the answer', async () => {
    const large = await backend((_request, response) => void response.writeHead(200).end('x'.repeat(1_000_000)))
    const fixture = await start({ targets: [large], ...checking({ active: { ...active, path: '/healthz?deep=1' } }) })
    await until(() => large.requests.length > 0)
    const [first] = large.requests
    expect([first?.method, first?.target]).toEqual(['GET', '/healthz?deep=1'])
    const names = first?.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
    expect(names?.filter((name) => name !== 'connection')).toEqual(['host', 'user-agent'])
    expect(first?.rawHeaders).toEqual(expect.arrayContaining(['orders.shop:80', 'gatehouse-health']))
    await ask(fixture, 3)
    expect(fixture.records).toHaveLength(3)
  })

  it('follows no redirect', async () => {
    const inner = await fine()
    const location = `http://127.0.0.1:${inner.port}/inside`
    const target = await backend((_request, response) => void response.writeHead(302, { location }).end())
    const fixture = await start({ targets: [target], ...checking({ active }) })
    await until(() => asked(target, '/healthz') >= 2)
    expect([changed(fixture).length, inner.accepted()]).toEqual([1, 0])
  })

  it('is asked by one prober for all rules that check alike', async () => {
    const target = await fine()
    const fixture = await start({ targets: [target], ...checking({ active }) })
    for (let time = 0; time < 5; time++) await fixture.apply({ targets: [target], ...checking({ active }) })
    await until(() => asked(target, '/healthz') >= 2)
    expect(target.accepted()).toBe(1)
    const states = [...fixture.balancers.states()]
    expect(states).toEqual([['shop/orders:80', ['healthy']]])
  })

  it('ends with the last rule that asks for it', async () => {
    const target = await answering(503)
    const fixture = await start({ targets: [target], ...checking({ active }) })
    await until(() => fixture.changes.length > 0)
    await fixture.apply({ targets: [target] })
    expect([...fixture.balancers.states()]).toEqual([])
    expect(await ask(fixture, 2)).toEqual([200, 200])
  })
})

describe('an endpoint at which requests fail', () => {
  it('gets no more of them, one slow, one failing, one fine', async () => {
    const slow = await backend(() => {})
    const failing = await answering(200, 503)
    const targets = [slow, failing, await fine()]
    const fixture = await start({
      targets,
      action: {
        ...timeouts({ backendRequest: 100 }),
        balancing: balancingBy(
          { type: 'RoundRobin' },
          { passive: { ...passive, maxEjectionPercent: 100 }, panicThreshold: 0 },
        ),
      },
    })
    const statuses = new Set<number>()
    while (fixture.changes.length < 2) for (const status of await ask(fixture, 1)) statuses.add(status)
    expect(statuses).toEqual(new Set([200, 503, 504]))
    expect([asked(slow), asked(failing)]).toEqual([2, 2])
    expect(new Set(await ask(fixture, 30))).toEqual(new Set([200]))
    expect([asked(slow), asked(failing)]).toEqual([2, 2])
    expect([...fixture.balancers.states()]).toEqual([['shop/orders:80', ['ejected', 'ejected', 'healthy']]])
  })

  it.each<[string, () => Promise<Target>]>([
    ['that cannot be reached', async () => ({ address: '127.0.0.1', port: await closedPort() })],
    ['that resets', () => rawBackend((socket) => socket.resetAndDestroy())],
    ['that sends something else', () => rawBackend((socket) => void socket.write('SSH-2.0-x\r\n'))],
  ])('is one %s', async (_, failing) => {
    const bad = await failing()
    const fixture = await start({ targets: [bad, await fine()], ...checking({ passive }) })
    while (fixture.changes.length === 0) await ask(fixture, 1)
    expect(changed(fixture)).toEqual([`endpoint-ejected 127.0.0.1:${bad.port}`])
    expect(new Set(await ask(fixture, 10))).toEqual(new Set([200]))
  })

  it('is none whose application fails', async () => {
    const targets = [await answering(200, 500), await answering(200, 500)]
    const fixture = await start({ targets, ...checking({ passive }) })
    await ask(fixture, 20)
    expect(fixture.changes).toEqual([])
  })
})

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const gone = await backend()
  await gone.close()
  return gone.port
}
