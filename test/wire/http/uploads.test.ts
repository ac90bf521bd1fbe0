import { describe, expect, it } from 'vitest'
import { openRaw, sendRaw } from '../../support/raw.ts'
import { head, json, keeper } from './keeper.ts'

const { backend, rawBackend, start } = keeper()

describe('a body that does not come', () => {
  it('is 408 when the time for the request is over, and does not count against the backend', async () => {
    const target = await backend()
    const breaker = { errorPercent: 1, minRequests: 1, window: 10_000, openFor: 10_000, slowCall: null }
    const timeouts = { request: 100, backendRequest: 0, connect: 1000, idle: 0, maxStreamAge: 0 }
    const fixture = await start({ targets: [target], action: { breaker, timeouts } })
    const { responses, closed } = await sendRaw(fixture, `${head('POST', '/', 'Content-Length: 10')}abc`)
    expect(json(responses[0])).toMatchObject({ type: 'urn:gatehouse:problem:request-timeout', status: 408 })
    expect(closed).toBe(true)
    expect([...fixture.breakers.states()].map(({ state }) => state)).toEqual(['closed'])
  })

  it('because the backend does not read is 504', async () => {
    const target = await rawBackend((socket) => socket.pause())
    const timeouts = { request: 500, backendRequest: 0, connect: 1000, idle: 0, maxStreamAge: 0 }
    const fixture = await start({ targets: [target], action: { timeouts } })
    const connection = await openRaw(fixture)
    connection.socket.write(head('POST', '/', 'Content-Length: 100000000'))
    connection.socket.write(Buffer.alloc(100_000_000))
    const { responses } = await connection.read(1)
    connection.close()
    expect(responses[0]?.status).toBe(504)
  })
})

describe('an answer before the end of the upload', () => {
  it('arrives whole and ends the connection', async () => {
    const target = await rawBackend((socket, chunk) => {
      if (!chunk.includes('POST')) return
      socket.end('HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig')
    })
    const fixture = await start({ targets: [target] })
    const connection = await openRaw(fixture)
    await connection.send(`${head('POST', '/', 'Content-Length: 100000')}abc`)
    await connection.read(1)
    await connection.send(Buffer.alloc(50_000))
    const { responses, closed } = await connection.read(2)
    expect(responses).toHaveLength(1)
    expect(responses[0]).toMatchObject({ status: 413, complete: true })
    expect(responses[0]?.headers.get('connection')).toEqual(['close'])
    expect(closed).toBe(true)
    expect(fixture.pools.stats().requests).toBe(0)
  })
})
