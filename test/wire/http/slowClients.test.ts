import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { openRaw } from '../../support/raw.ts'
import { codeOf, head, keeper, timeouts, until } from './keeper.ts'

const { backend, keep, rawBackend, start } = keeper()

const breaker = { errorPercent: 1, minRequests: 1, window: 10_000, openFor: 10_000, slowCall: null }
const retry = { attempts: 3, codes: [503], backoff: 1, budgetPercent: 100 }

describe('a client that is slow to send', () => {
  it.each([
    ['stops within its body', { idle: 100 }, 0],
    ['sends a byte now and then', { request: 400, idle: 200 }, 50],
  ])('and %s is answered 408, blames no backend and is not retried', async (_, some, pace) => {
    const target = await backend()
    const fixture = await start({ targets: [target], action: { breaker, retry, ...timeouts(some) } })
    const client = await openRaw(fixture)
    await client.send(`${head('PUT', '/', 'Content-Length: 1000')}abc`)
    const trickle = pace === 0 ? undefined : setInterval(() => void client.send('x'), pace)
    const { responses, closed } = await client.read(1)
    clearInterval(trickle)
    expect([responses[0]?.status, codeOf(responses[0])]).toEqual([408, 'request-timeout'])
    expect((await client.read(2)).closed || closed).toBe(true)
    await until(() => target.open() === 0)
    expect([...fixture.breakers.states()].map(({ state }) => state)).toEqual(['closed'])
    expect((await fixture.recorded(1))[0]).toMatchObject({ code: 'request-timeout', upstream: { tries: 1 } })
    expect([fixture.kept(), fixture.retries.size(), fixture.pools.stats().requests]).toEqual([0, 0, 0])
  })
})

describe('a client that is slow to read', () => {
  it('and reads a little now and then has no longer than its request', async () => {
    const size = 64 * 1024 * 1024
    const target = await rawBackend((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
      socket.write(Buffer.alloc(size))
    })
    const fixture = await start({ targets: [target], action: { breaker, ...timeouts({ request: 500, idle: 200 }) } })
    const socket = connect(fixture.port, fixture.address)
    await keep({ close: async () => void socket.destroy() })
    socket.pause()
    socket.write(head('GET', '/'))
    const sips = setInterval(() => socket.read(64 * 1024), 50)
    const [record] = await fixture.recorded(1)
    clearInterval(sips)
    expect(record).toMatchObject({ status: 200, completed: false })
    await until(() => target.open() === 0)
    expect([...fixture.breakers.states()].map(({ state }) => state)).toEqual(['closed'])
  })
})
