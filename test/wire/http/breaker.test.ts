import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { Backend } from '../../support/backend.ts'
import { openRaw, sendRaw } from '../../support/raw.ts'
import type { Fixture, Wishes } from './fixture.ts'
import { head, keeper, timeouts, until } from './keeper.ts'

const { backend, start: startFixture } = keeper()

const breaker = { errorPercent: 50, minRequests: 4, window: 10_000, openFor: 300, slowCall: null }

/** A data plane in front of a backend that answers with the status that the path names. */
async function start(over: Partial<Wishes> = {}): Promise<{ fixture: Fixture; target: Backend }> {
  const target = await backend((request, response) => void response.writeHead(Number(request.target.slice(1))).end())
  const fixture = await startFixture({ targets: [target], action: { breaker }, ...over })
  return { fixture, target }
}

const ask = async (fixture: Fixture, path: string, times = 1): Promise<number[]> => {
  const { responses } = await sendRaw(fixture, head('GET', path).repeat(times), { responses: times })
  return responses.map(({ status }) => status)
}

const state = (fixture: Fixture): string | undefined => [...fixture.breakers.states()][0]?.state

describe('an open circuit', () => {
  it('opens no upstream connection and answers at once', async () => {
    const { fixture, target } = await start()
    expect(await ask(fixture, '/500', 4)).toEqual([500, 500, 500, 500])
    expect(state(fixture)).toBe('open')
    const [requests, accepted] = [target.requests.length, target.accepted()]
    const { responses } = await sendRaw(fixture, head('GET', '/200').repeat(50), { responses: 50 })
    expect(responses.every(({ status }) => status === 503)).toBe(true)
    expect(responses[0]?.headers.get('retry-after')).toEqual(['1'])
    expect(JSON.parse(responses[0]?.body.toString() ?? '')).toMatchObject({
      type: 'urn:gatehouse:problem:circuit-open',
    })
    expect([target.requests.length, target.accepted()]).toEqual([requests, accepted])
    const last = (await fixture.recorded(54)).at(-1)
    expect(last).toMatchObject({ code: 'circuit-open', check: 'forward', decision: 'permit', status: 503 })
    expect(last?.upstream).toMatchObject({ upstream: 'shop/orders:80', address: null })
    expect(last?.duration).toBeLessThan(10)
  })

  it('lets exactly one probe through', async () => {
    let answer = (): void => {}
    const { fixture, target } = await start()
    await ask(fixture, '/500', 4)
    await until(() => state(fixture) === 'half-open')
    target.respond((_request, response) => (answer = () => void response.writeHead(200).end()))
    const probe = await openRaw(fixture)
    await probe.send(head('GET', '/200'))
    await until(() => target.requests.length === 5)
    expect(await ask(fixture, '/200', 20)).toEqual(Array.from({ length: 20 }, () => 503))
    answer()
    expect((await probe.read(1)).responses[0]?.status).toBe(200)
    probe.close()
    expect(state(fixture)).toBe('closed')
    expect(target.requests).toHaveLength(5)
  })

  it('takes another probe when the client of the first goes away', async () => {
    const { fixture, target } = await start()
    await ask(fixture, '/500', 4)
    await until(() => state(fixture) === 'half-open')
    target.respond(() => {})
    const probe = await openRaw(fixture)
    await probe.send(head('GET', '/200'))
    await until(() => target.requests.length === 5)
    probe.close()
    await fixture.recorded(5)
    expect(state(fixture)).toBe('half-open')
    target.respond((_request, response) => void response.writeHead(200).end())
    expect(await ask(fixture, '/200')).toEqual([200])
    expect(state(fixture)).toBe('closed')
  })

  it('does not wait for the client of a probe that does not finish its upload', async () => {
    const { fixture, target } = await start()
    await ask(fixture, '/500', 4)
    await until(() => state(fixture) === 'half-open')
    const uploader = await openRaw(fixture)
    await uploader.send(`${head('POST', '/200', 'Content-Length: 1000')}abc`)
    await until(() => target.bytes().includes('abc'))
    expect(await ask(fixture, '/200')).toEqual([503])
    let [status] = await ask(fixture, '/200')
    while (status === 503) [status] = await ask(fixture, '/200')
    expect([status, state(fixture)]).toEqual([200, 'closed'])
    uploader.close()
    await until(() => fixture.pools.stats().requests === 0)
    expect(state(fixture)).toBe('closed')
  })
})

describe('a closed circuit', () => {
  it.each(['/404', '/429', '/501', '/505'])('is not opened by answers like %s', async (path) => {
    const { fixture } = await start()
    await ask(fixture, path, 20)
    expect(state(fixture)).toBe('closed')
  })

  it('is not opened by clients that go away', async () => {
    const { fixture, target } = await start()
    target.respond(() => {})
    for (let count = 1; count <= 10; count++) {
      const client = connect(fixture.port, fixture.address, () => client.write(head('GET', '/200')))
      await until(() => target.requests.length === count)
      client.resetAndDestroy()
    }
    await fixture.recorded(10)
    expect(state(fixture)).toBe('closed')
  })

  it('is opened by answers that begin late, and not by requests that end late', async () => {
    const slow = { ...breaker, minRequests: 2, slowCall: 300 }
    const { fixture, target } = await start({ action: { breaker: slow } })
    for (let count = 0; count < 2; count++) {
      const uploader = await openRaw(fixture)
      await uploader.send(`${head('POST', '/200', 'Content-Length: 2')}a`)
      await until(() => target.bytes().toString().split('POST').length === count + 2)
      const began = performance.now()
      await until(() => performance.now() - began > 400)
      await uploader.send('b')
      expect((await uploader.read(1)).responses[0]?.status).toBe(200)
      uploader.close()
    }
    expect(state(fixture)).toBe('closed')
    target.respond((_request, response) => void setTimeout(() => response.writeHead(200).end(), 400))
    expect(await ask(fixture, '/200', 2)).toEqual([200, 200])
    expect(state(fixture)).toBe('open')
  })

  it('is opened by connections that fail, and by time', async () => {
    const { fixture, target } = await start()
    await target.close()
    expect(await ask(fixture, '/200', 6)).toEqual([502, 502, 502, 502, 503, 503])
    const slow = await start({ action: { breaker, ...timeouts({ request: 50 }) } })
    slow.target.respond(() => {})
    expect(await ask(slow.fixture, '/200', 5)).toEqual([504, 504, 504, 504, 503])
  })

  it('keeps its state over snapshots', async () => {
    const { fixture, target } = await start()
    await ask(fixture, '/500', 4)
    await fixture.apply({ targets: [target], action: { breaker } })
    expect(await ask(fixture, '/200')).toEqual([503])
  })
})

describe('abandoned requests', () => {
  it('leave no connection, no place in a pool and one record each', async () => {
    const { fixture, target } = await start({ action: {} })
    const held: (() => void)[] = []
    target.respond((_request, response) => held.push(() => void response.writeHead(200).end('x'.repeat(1000))))
    const count = 300
    for (let index = 0; index < count; index++) {
      const client = connect(fixture.port, fixture.address, () => {
        client.write(head('GET', '/200').slice(0, index % 3 === 0 ? 20 : undefined))
        if (index % 4 === 0) held.shift()?.()
        setImmediate(() => client.resetAndDestroy())
      })
      client.on('error', () => {})
      if (index % 20 === 0) await new Promise((resolve) => client.once('close', resolve))
    }
    await until(() => fixture.listeners.connections().every((port) => port.count === 0))
    await until(() => fixture.pools.stats().requests === 0)
    const ids = fixture.records.map(({ requestId }) => requestId)
    expect(new Set(ids).size).toBe(ids.length)
    target.respond((_request, response) => void response.writeHead(200).end())
    expect(await ask(fixture, '/200')).toEqual([200])
  })
})
