import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { openRaw, sendRaw } from '../../support/raw.ts'
import { codeOf, head, keeper, until } from './keeper.ts'

const { backend, rawBackend, start } = keeper()

describe('pipelined requests', () => {
  it('are answered in order, one at a time', async () => {
    let running = 0
    let most = 0
    const target = await rawBackend((socket, chunk) => {
      most = Math.max(most, ++running)
      const path = /^GET (\S+)/.exec(chunk.toString('latin1'))?.[1] ?? ''
      setImmediate(() => {
        running--
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`)
      })
    })
    const fixture = await start({ targets: [target] })
    const paths = Array.from({ length: 20 }, (_, index) => `/${index}`)
    const { responses } = await sendRaw(fixture, paths.map((path) => head('GET', path)).join(''), { responses: 20 })
    expect(responses.map((response) => response.body.toString())).toEqual(paths)
    expect(most).toBe(1)
  })

  it('beyond a number end the connection', async () => {
    const target = await rawBackend(() => {})
    const fixture = await start({ targets: [target] })
    const { responses, closed } = await sendRaw(fixture, head('GET', '/').repeat(100))
    expect(responses).toEqual([])
    expect(closed).toBe(true)
  })

  it('keep a parser error behind them in its place', async () => {
    const target = await backend()
    const fixture = await start({ targets: [target] })
    const { responses, closed } = await sendRaw(fixture, `${head('GET', '/')}nonsense\r\n\r\n`)
    expect(responses.map(({ status }) => status)).toEqual([200, 400])
    expect(closed).toBe(true)
    expect((await fixture.recorded(2)).map(({ code }) => code)).toEqual([null, 'bad-request'])
  })
})

describe('what is no request', () => {
  it.each([
    ['nonsense', 'nonsense\r\n\r\n', 'bad-request'],
    ['a space before the colon', 'GET / HTTP/1.1\r\nHost : api.shop.example\r\n\r\n', 'bad-request'],
    ['two lengths', head('POST', '/', 'Content-Length: 1', 'Content-Length: 2'), 'bad-request'],
    ['length and coding', head('POST', '/', 'Content-Length: 1', 'Transfer-Encoding: chunked'), 'bad-request'],
    ['a head that is too large', head('GET', '/', `X: ${'x'.repeat(20_000)}`), 'headers-too-large'],
    ['too many headers', head('GET', '/', ...Array.from({ length: 200 }, (_, i) => `X${i}: y`)), 'headers-too-large'],
  ])('because of %s gets a problem and the end', async (_name, bytes, code) => {
    const target = await backend()
    const fixture = await start({ targets: [target] })
    const { responses } = await sendRaw(fixture, bytes, { responses: 1 })
    expect(codeOf(responses[0])).toBe(code)
    expect((await fixture.recorded(1))[0]).toMatchObject({ decision: 'refuse', code, check: 'form' })
    expect(target.accepted()).toBe(0)
  })

  it('in the middle of a body breaks the request off', async () => {
    const target = await backend()
    const fixture = await start({ targets: [target] })
    const connection = await openRaw(fixture)
    await connection.send(`${head('POST', '/', 'Transfer-Encoding: chunked')}3\r\nabc\r\n`)
    await until(() => target.bytes().includes('abc'))
    await connection.send('nonsense\r\n')
    const { responses, closed } = await connection.read(2)
    expect(responses.map(({ status }) => status)).toEqual([400])
    expect(closed).toBe(true)
    await until(() => target.requests.length === 1)
    expect(target.requests[0]?.complete).toBe(false)
  })

  it.each([
    ['CONNECT', 'CONNECT backend:80 HTTP/1.1\r\nHost: backend:80\r\n\r\nGET /inner HTTP/1.1\r\n\r\n'],
    [
      'a WebSocket',
      head(
        ...['GET', '/', 'Connection: Upgrade', 'Upgrade: websocket'],
        ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
      ),
    ],
  ])('or asks for %s is 501', async (_name, bytes) => {
    const target = await backend()
    const fixture = await start({ targets: [target] })
    const { responses } = await sendRaw(fixture, bytes, { responses: 1 })
    expect(codeOf(responses[0])).toBe('not-implemented')
    expect(target.accepted()).toBe(0)
    expect((await fixture.recorded(1))[0]).toMatchObject({ code: 'not-implemented', status: 501 })
  })

  it('ignores an offer of h2c and goes on in HTTP/1.1', async () => {
    const target = await backend()
    const fixture = await start({ targets: [target] })
    const offer = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk']
    const { responses, closed } = await sendRaw(fixture, head('GET', '/1', ...offer) + head('GET', '/2'))
    expect(responses.map(({ status }) => status)).toEqual([200])
    expect(closed).toBe(true)
    expect(target.bytes().toString('latin1')).not.toMatch(/upgrade|http2-settings/i)
  })

  it('because its head comes too slowly is 408', async () => {
    const fixture = await start({ targets: [], limits: { headersTimeout: 100, checkInterval: 20 } })
    const { responses, closed } = await sendRaw(fixture, 'GET / HTTP/1.1\r\nHost: ')
    expect(codeOf(responses[0])).toBe('request-timeout')
    expect(closed).toBe(true)
  })

  it('because nothing comes at all is closed', async () => {
    const fixture = await start({ targets: [], limits: { headersTimeout: 100, checkInterval: 20 } })
    const socket = connect(fixture.port, fixture.address)
    socket.resume()
    await new Promise((resolve) => socket.on('close', resolve))
  })
})
