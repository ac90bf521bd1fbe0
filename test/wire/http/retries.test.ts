import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { Responder } from '../../support/backend.ts'
import { openRaw, sendRaw } from '../../support/raw.ts'
import type { Fixture } from './fixture.ts'
import { codeOf, head, keeper, timeouts, until } from './keeper.ts'

const { backend, keep, rawBackend, start } = keeper()

const retry = { attempts: 2, codes: [503], backoff: 1, budgetPercent: 100 }

const outcomes = (fixture: Fixture): Record<string, number> => Object.fromEntries(fixture.retries.outcomes())

/** Answers with these statuses in turn, and 200 after them. */
function statuses(...list: number[]): Responder {
  return (_request, response) => void response.writeHead(list.shift() ?? 200, { 'content-length': 2 }).end('ok')
}

/** A port on which nothing listens. */
async function deadEnd() {
  const gone = await backend()
  await gone.close()
  return { address: gone.address, port: gone.port }
}

describe('a request with an idempotent method', () => {
  it('is sent again after a status that the rule names, and no other', async () => {
    const target = await backend(statuses(503, 503, 200, 500))
    const fixture = await start({ targets: [target], action: { retry } })
    const { responses } = await sendRaw(fixture, head('GET', '/a'), { responses: 1 })
    expect([responses[0]?.status, target.requests.length]).toEqual([200, 3])
    // What was dropped was read to its end, so one connection was enough.
    expect(target.accepted()).toBe(1)
    const { responses: others } = await sendRaw(fixture, head('GET', '/a'), { responses: 1 })
    expect([others[0]?.status, target.requests.length]).toEqual([500, 4])
    const [first, second] = await fixture.recorded(2)
    expect(first).toMatchObject({ status: 200, code: null, completed: true, upstream: { status: 200, tries: 3 } })
    expect(second).toMatchObject({ upstream: { status: 500, tries: 1 } })
    expect(outcomes(fixture)).toEqual({ retried: 2, recovered: 1 })
    expect(fixture.retries.size()).toBe(0)
  })

  it('gets the last answer when no attempt is left', async () => {
    const target = await backend(statuses(503, 503, 503))
    const fixture = await start({ targets: [target], action: { retry } })
    const { responses } = await sendRaw(fixture, head('DELETE', '/a'), { responses: 1 })
    expect(responses[0]?.status).toBe(503)
    expect(responses[0]?.body.toString()).toBe('ok')
    expect(target.requests).toHaveLength(3)
    expect(outcomes(fixture)).toEqual({ retried: 2, exhausted: 1 })
  })

  it('costs the connection when what would have to be dropped is long', async () => {
    const long = 'x'.repeat(100_000)
    const list = [503, 200, 503]
    const target = await backend((request, response) => {
      response
        .writeHead(list.shift() ?? 200, request.target === '/a' ? { 'content-length': long.length } : {})
        .end(long)
    })
    const fixture = await start({ targets: [target], action: { retry: { ...retry, attempts: 1 } } })
    for (const path of ['/a', '/b']) {
      const { responses } = await sendRaw(fixture, head('GET', path), { responses: 1 })
      expect([responses[0]?.status, responses[0]?.body.length]).toEqual([200, long.length])
    }
    expect(target.accepted()).toBe(3)
    await until(() => fixture.pools.stats().requests === 0)
  })

  it('is sent again after a connection that broke, or gave no valid answer', async () => {
    let asked = 0
    const target = await rawBackend((socket) => {
      asked++
      if (asked === 1) socket.resetAndDestroy()
      else socket.write(asked === 2 ? 'nonsense\r\n\r\n' : 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    })
    const fixture = await start({ targets: [target], action: { retry } })
    const { responses } = await sendRaw(fixture, head('GET', '/'), { responses: 1 })
    expect([responses[0]?.status, asked]).toEqual([200, 3])
  })

  it('is sent again after the deadline of its try, within that of the whole', async () => {
    let asked = 0
    const target = await backend((_request, response) => {
      asked++
      if (asked > 1) response.writeHead(200).end()
    })
    const fixture = await start({ targets: [target], action: { retry, ...timeouts({ backendRequest: 50 }) } })
    const { responses } = await sendRaw(fixture, head('GET', '/'), { responses: 1 })
    expect([responses[0]?.status, asked]).toEqual([200, 2])
    const slow = await start({
      targets: [await backend(() => {})],
      action: { retry: { ...retry, attempts: 10 }, ...timeouts({ request: 120, backendRequest: 50 }) },
    })
    const { responses: late } = await sendRaw(slow, head('GET', '/'), { responses: 1 })
    expect([late[0]?.status, codeOf(late[0])]).toEqual([504, 'upstream-timeout'])
    expect((await slow.recorded(1))[0]?.upstream?.tries).toBeLessThanOrEqual(3)
  })

  it('goes to another address where there is one', async () => {
    const dead = await deadEnd()
    const target = await backend()
    const fixture = await start({ targets: [dead, target], action: { retry: { ...retry, attempts: 1 } } })
    const { responses } = await sendRaw(fixture, head('GET', '/').repeat(6), { responses: 6 })
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
  })

  it('has its body sent again, whole, also where it is still on its way', async () => {
    const target = await rawBackend((socket, chunk) => {
      if (target.accepted() === 1) {
        if (chunk.includes('abc')) socket.resetAndDestroy()
      } else if (chunk.includes('def')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    })
    const fixture = await start({ targets: [target], action: { retry } })
    const client = await openRaw(fixture)
    await client.send(`${head('PUT', '/', 'Content-Length: 6')}abc`)
    await until(() => target.accepted() === 2)
    await client.send('def')
    expect((await client.read(1)).responses[0]?.status).toBe(200)
    expect(
      target
        .bytes()
        .toString()
        .split('\r\n\r\n')
        .slice(1)
        .join()
        .replaceAll(/PUT[^]*?,/g, '|'),
    ).toBe('abc|abcdef')
    client.close()
    await until(() => fixture.kept() === 0)
  })

  it('is not sent again when more of its body is gone than is kept', async () => {
    const size = 65 * 1024
    let came = 0
    const target = await rawBackend((socket, chunk) => {
      came += chunk.length
      if (came > size) socket.write('HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n')
    })
    const fixture = await start({ targets: [target], action: { retry } })
    const request = head('PUT', '/', `Content-Length: ${size}`) + 'x'.repeat(size)
    const { responses } = await sendRaw(fixture, request, { responses: 1 })
    expect([responses[0]?.status, target.accepted()]).toEqual([503, 1])
    expect(outcomes(fixture)).toEqual({ unsafe: 1 })
    expect(fixture.kept()).toBe(0)
  })
})

describe('a request with a method that is not idempotent', () => {
  it.each(['POST', 'PATCH', 'LOCK'])('%s is sent once when anything of it may have arrived', async (method) => {
    let asked = 0
    const target = await rawBackend((socket) => {
      asked++
      socket.resetAndDestroy()
    })
    const fixture = await start({ targets: [target], action: { retry } })
    const { responses } = await sendRaw(fixture, head(method, '/', 'Content-Length: 0'), { responses: 1 })
    expect([responses[0]?.status, asked]).toEqual([502, 1])
    expect(outcomes(fixture)).toEqual({ unsafe: 1 })
  })

  it('is answered with a status that the rule names', async () => {
    const target = await backend(statuses(503))
    const fixture = await start({ targets: [target], action: { retry } })
    const { responses } = await sendRaw(fixture, `${head('POST', '/', 'Content-Length: 3')}abc`, { responses: 1 })
    expect([responses[0]?.status, target.requests.length]).toEqual([503, 1])
  })

  it('is sent again with its body when there was no connection', async () => {
    const target = await backend()
    const fixture = await start({ targets: [await deadEnd(), target], action: { retry } })
    for (let round = 0; round < 4; round++) {
      const { responses } = await sendRaw(fixture, `${head('POST', '/', 'Content-Length: 3')}abc`, { responses: 1 })
      expect(responses[0]?.status).toBe(200)
    }
    expect(target.requests.map(({ body }) => body.toString())).toEqual(['abc', 'abc', 'abc', 'abc'])
  })
})

describe('a retry', () => {
  it('is not made once the client has heard anything', async () => {
    let asked = 0
    const target = await rawBackend((socket) => {
      asked++
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', () => socket.resetAndDestroy())
    })
    const fixture = await start({ targets: [target], action: { retry } })
    const { responses } = await sendRaw(fixture, head('GET', '/'), { responses: 2 })
    expect(responses.map(({ status }) => status)).toEqual([103, 502])
    expect(asked).toBe(1)
  })

  it('is not waited for when the client has gone, nor begun', async () => {
    const target = await backend(statuses(503, 503))
    const fixture = await start({
      targets: [target],
      action: { retry: { ...retry, backoff: 60_000 }, ...timeouts({ request: 0 }) },
    })
    const client = connect(fixture.port, fixture.address, () => client.write(head('GET', '/')))
    await until(() => outcomes(fixture)['retried'] === 1)
    client.resetAndDestroy()
    const [record] = await fixture.recorded(1)
    expect(record).toMatchObject({ status: 499, completed: false })
    expect(fixture.retries.size()).toBe(0)
    expect(target.requests).toHaveLength(1)
  })

  it('does not outlast the grace of a drain', async () => {
    const target = await backend(statuses(503))
    const fixture = await start({
      targets: [target],
      action: { retry: { ...retry, backoff: 60_000 }, ...timeouts({ request: 0 }) },
    })
    const client = connect(fixture.port, fixture.address, () => client.write(head('GET', '/')))
    client.on('error', () => {})
    await until(() => outcomes(fixture)['retried'] === 1)
    await fixture.listeners.close(10)
    expect((await fixture.recorded(1))[0]).toMatchObject({ completed: false })
    expect(fixture.retries.size()).toBe(0)
  })

  it('that would come too late is not waited for', async () => {
    const target = await backend(statuses(503))
    const fixture = await start({ targets: [target], action: { retry: { ...retry, backoff: 60_000 } } })
    const { responses } = await sendRaw(fixture, head('GET', '/'), { responses: 1 })
    expect(responses[0]?.status).toBe(503)
    expect(outcomes(fixture)).toEqual({ 'too-late': 1 })
  })

  it('counts for the breaker, and asks it', async () => {
    const target = await backend(statuses(503, 503, 503))
    const breaker = { errorPercent: 50, minRequests: 2, window: 10_000, openFor: 5_000, slowCall: null }
    const fixture = await start({ targets: [target], action: { breaker, retry: { ...retry, attempts: 5 } } })
    const { responses } = await sendRaw(fixture, head('GET', '/'), { responses: 1 })
    expect([responses[0]?.status, codeOf(responses[0]), target.requests.length]).toEqual([503, 'circuit-open', 2])
  })
})

describe('the budget of retries', () => {
  it('is three of few, and a share of many', async () => {
    const held: ServerResponse[] = []
    const target = await backend((request, response) => {
      if (request.target === '/held') held.push(response)
      else response.writeHead(503).end()
    })
    const options = { ...retry, attempts: 1, backoff: 60_000, budgetPercent: 20 }
    const fixture = await start({ targets: [target], action: { retry: options, ...timeouts({ request: 0 }) } })
    const open = async (path: string, count: number): Promise<void> => {
      for (let index = 0; index < count; index++) {
        const socket = connect(fixture.port, fixture.address, () => socket.write(head('GET', path)))
        socket.on('error', () => {})
        await keep({ close: async () => void socket.destroy() })
      }
    }
    await open('/fails', 4)
    await until(() => fixture.records.length === 1)
    expect(outcomes(fixture)).toEqual({ retried: 3, 'over-budget': 1 })
    // 3 that wait and 22 that run make 25, of which a fifth may be retries.
    await open('/held', 22)
    await until(() => held.length === 22)
    await open('/fails', 4)
    await until(() => fixture.records.length === 3)
    expect(outcomes(fixture)).toEqual({ retried: 5, 'over-budget': 3 })
  })
})
