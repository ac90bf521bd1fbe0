import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { sendRaw } from '../../support/raw.ts'
import { head, json, keeper, timeouts, until } from './keeper.ts'

const { answering, backend, rawBackend, start } = keeper()

describe('an upstream that fails', () => {
  it.each([
    ['garbage', 'nonsense\r\n\r\n'],
    ['a coding that it cannot pass on', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
    ['a header too many bytes long', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('with %s is answered 502 upstream-protocol', async (_name, bytes) => {
    const target = await answering(bytes)
    const fixture = await start({ targets: [target] })
    const { responses } = await sendRaw(fixture, head('GET', '/'), { responses: 1 })
    expect(responses[0]?.status).toBe(502)
    expect(json(responses[0])).toMatchObject({ type: 'urn:gatehouse:problem:upstream-protocol', status: 502 })
    expect((await fixture.recorded(1))[0]).toMatchObject({ code: 'upstream-protocol', check: 'forward', status: 502 })
    expect(fixture.pools.stats().requests).toBe(0)
  })

  it('without a listener is answered 502 upstream-connect', async () => {
    const target = await backend()
    await target.close()
    const fixture = await start({ targets: [target] })
    const { responses } = await sendRaw(fixture, head('GET', '/'), { responses: 1 })
    expect(json(responses[0])).toMatchObject({ type: 'urn:gatehouse:problem:upstream-connect', status: 502 })
    expect((await fixture.recorded(1))[0]?.upstream).toMatchObject({ tries: 1, failure: 'refused' })
  })

  it.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', '1.1'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', '1.1'],
    ['chunks, to an HTTP/1.0 client,', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', '1.0'],
  ])('in the middle of a body with %s resets the client', async (_name, bytes, version) => {
    const target = await rawBackend((socket) => socket.write(bytes, () => socket.resetAndDestroy()))
    const fixture = await start({ targets: [target] })
    const socket = connect(fixture.port, fixture.address)
    const error = new Promise<NodeJS.ErrnoException>((resolve) => socket.on('error', resolve))
    socket.on('data', () => {})
    socket.write(head('GET', '/').replace('1.1', version))
    expect((await error).code).toBe('ECONNRESET')
    expect((await fixture.recorded(1))[0]).toMatchObject({ status: 200, code: 'upstream-protocol', completed: false })
  })

  it('by silence is answered 504 when the time for the request is over', async () => {
    const target = await rawBackend(() => {})
    const fixture = await start({ targets: [target], action: timeouts({ request: 100 }) })
    const { responses } = await sendRaw(fixture, head('GET', '/'), { responses: 1 })
    expect(json(responses[0])).toMatchObject({ type: 'urn:gatehouse:problem:upstream-timeout', status: 504 })
    await until(() => target.open() === 0)
  })

  it('by silence is answered 504 when the time for the backend is over', async () => {
    const target = await rawBackend(() => {})
    const fixture = await start({ targets: [target], action: timeouts({ backendRequest: 100 }) })
    const { responses } = await sendRaw(fixture, head('GET', '/'), { responses: 1 })
    expect(responses[0]?.status).toBe(504)
  })

  it('in the middle of a body of known length is cut off by the time for the request', async () => {
    const target = await answering('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')
    const fixture = await start({ targets: [target], action: timeouts({ request: 100 }) })
    const { responses } = await sendRaw(fixture, head('GET', '/'))
    expect(responses[0]).toMatchObject({ status: 200, complete: false })
    expect((await fixture.recorded(1))[0]).toMatchObject({ code: 'upstream-timeout', completed: false })
  })

  it('in the middle of a stream is cut off by the idle time alone', async () => {
    const target = await rawBackend((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n')
      let sent = 1
      const more = setInterval(() => {
        socket.write('1\r\na\r\n')
        if (++sent === 10) clearInterval(more)
      }, 150)
    })
    const fixture = await start({ targets: [target], action: timeouts({ request: 1000, idle: 1000 }) })
    const { responses } = await sendRaw(fixture, head('GET', '/'))
    expect(responses[0]?.body.toString()).toBe('a'.repeat(10))
    expect(responses[0]?.complete).toBe(false)
    expect((await fixture.recorded(1))[0]?.duration).toBeGreaterThan(2000)
  })
})
