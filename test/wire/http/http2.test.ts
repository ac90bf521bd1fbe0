import { listenerResource } from '../../support/resources.ts'
import { describe, expect, it } from 'vitest'
import {
  block,
  data,
  flags,
  frame,
  headers,
  rstStream,
  types,
  windowUpdate,
  type Fields,
} from '../../support/http2Frames.ts'
import { openHttp2, type RawHttp2 } from '../../support/rawHttp2.ts'
import { orderForm } from '../../attack/formsShop.ts'
import type { Fixture, Wishes } from './fixture.ts'
import { codeOf, json, keeper, timeouts, until } from './keeper.ts'

const { answering, backend, keep, rawBackend, start } = keeper()

const asked = (method: string, path: string, ...more: Fields): Fields => [
  [':method', method],
  [':scheme', 'http'],
  [':authority', 'api.shop.example'],
  [':path', path],
  ...more,
]

async function client(fixture: Fixture, options: Parameters<typeof openHttp2>[1] = {}): Promise<RawHttp2> {
  const raw = await openHttp2(fixture, options)
  await keep({ close: async () => raw.close() })
  return raw
}

async function served(wishes: Partial<Wishes> = {}) {
  const target = await backend()
  const fixture = await start({ targets: [target], ...wishes })
  return { target, fixture, raw: await client(fixture) }
}

describe('a request in HTTP/2', () => {
  it('reaches the backend in HTTP/1.1 and is recorded once', async () => {
    const { target, fixture, raw } = await served()
    await raw.send(headers(1, asked('GET', '/a?b=c', ['x-test', 'one'], ['cookie', 'a=1'], ['cookie', 'b=2'])))
    expect(await raw.over(1)).toMatchObject({ status: 200, ended: true, reset: null })
    expect(target.requests[0]).toMatchObject({ method: 'GET', target: '/a?b=c', httpVersion: '1.1' })
    expect(target.requests[0]?.rawHeaders.join('|')).toContain('|x-test|one|cookie|a=1; b=2|')
    const [record] = await fixture.recorded(1)
    expect(record).toMatchObject({ status: 200, decision: 'permit', completed: true, host: 'api.shop.example' })
  })

  it('shares its connection with HTTP/1.1 on the same port, and with other requests', async () => {
    const { target, raw } = await served()
    await raw.send(...[1, 3, 5].map((id) => headers(id, asked('GET', `/${id}`))))
    for (const id of [1, 3, 5]) expect(json(await raw.over(id))).toMatchObject({ target: `/${id}` })
    expect(target.requests).toHaveLength(3)
  })

  it.each([
    ['chunked without a length', [], 'chunked', null],
    ['with its length', [['content-length', '5']], null, '5'],
  ] as const)('carries a body %s', async (_name, more, coding, length) => {
    const { target, raw } = await served()
    await raw.send(headers(1, asked('POST', '/', ...more), flags.none), data(1, 'abc'))
    await raw.send(data(1, 'de', flags.endStream))
    expect(json(await raw.over(1))).toMatchObject({ method: 'POST', body: 'abcde' })
    const { rawHeaders = [] } = target.requests[0] ?? {}
    const value = (name: string) => rawHeaders[rawHeaders.findIndex((text) => text.toLowerCase() === name) + 1]
    if (coding !== null) expect(value('transfer-encoding')).toBe(coding)
    if (length !== null) expect(value('content-length')).toBe(length)
  })

  it('with a body is as good as any other, however many there are', async () => {
    const { fixture, raw } = await served()
    await raw.send(windowUpdate(0, 1024 * 1024))
    for (let turn = 0; turn < 15; turn++) {
      const ids = Array.from({ length: 20 }, (_, index) => 1 + 2 * (20 * turn + index))
      await raw.send(
        ...ids.flatMap((id) => [headers(id, asked('POST', '/'), flags.none), data(id, 'a', flags.endStream)]),
      )
      for (const id of ids) expect(await raw.over(id)).toMatchObject({ status: 200, ended: true, reset: null })
    }
    const records = await fixture.recorded(300)
    expect(records.filter(({ completed }) => !completed)).toEqual([])
    expect(fixture.sessionEnds).toEqual([])
  })

  it('is never whole for the backend when its client breaks it off', async () => {
    for (const code of [0, 8]) {
      const { target, fixture, raw } = await served()
      await raw.send(headers(1, asked('POST', '/'), flags.none), data(1, 'abc'))
      await until(() => target.bytes().includes('abc'))
      await raw.send(rstStream(1, code))
      expect((await fixture.recorded(1))[0]).toMatchObject({ status: 499, completed: false })
      await until(() => target.requests.length > 0)
      expect(target.requests[0]).toMatchObject({ complete: false })
    }
  })

  it('has its body checked though it says no length', async () => {
    const { target, raw } = await served({ policy: { validation: orderForm } })
    const json = ['content-type', 'application/json'] as const
    await raw.send(headers(1, asked('POST', '/', json), flags.none), data(1, '{"sku":1}', flags.endStream))
    expect(await raw.over(1)).toMatchObject({ status: 400 })
    await raw.send(headers(3, asked('POST', '/', json), flags.none), data(3, '{"sku":"ABC"}', flags.endStream))
    expect(await raw.over(3)).toMatchObject({ status: 200 })
    expect(target.requests).toHaveLength(1)
  })

  it.each([
    ['with', [['content-length', '1001']]],
    ['without', []],
  ] as const)('with too large a body is refused %s a length, and its client told to stop', async (_name, more) => {
    const { raw, fixture, target } = await served({ policy: { validation: { ...orderForm, maxBodySize: 1000 } } })
    await raw.send(headers(1, asked('POST', '/', ['content-type', 'application/json'], ...more), flags.none))
    await raw.send(data(1, 'x'.repeat(1001)))
    expect(codeOf(await raw.over(1))).toBe('body-too-large')
    await raw.until(() => raw.stream(1).reset !== null)
    expect(raw.stream(1)).toMatchObject({ status: 413, ended: true, reset: 0 })
    expect({ ends: fixture.sessionEnds, reached: target.requests }).toEqual({ ends: [], reached: [] })
  })

  it('may wait for 100 Continue', async () => {
    const { raw } = await served()
    await raw.send(headers(1, asked('POST', '/', ['expect', '100-continue']), flags.none))
    await raw.until(() => raw.stream(1).informational.includes(100))
    await raw.send(data(1, 'abc', flags.endStream))
    expect(json(await raw.over(1))).toMatchObject({ body: 'abc' })
    await raw.send(headers(3, asked('POST', '/', ['expect', 'else'])))
    expect(await raw.over(3)).toMatchObject({ status: 417 })
  })

  it('for a reserved path is answered as in HTTP/1.1', async () => {
    const { raw, fixture } = await served()
    await raw.send(headers(1, asked('GET', '/.well-known/gatehouse/x')))
    const answer = await raw.over(1)
    expect(codeOf(answer)).toBe('no-route')
    const [record] = await fixture.recorded(1)
    expect(record).toMatchObject({ code: 'no-route', check: 'reserved', requestId: json(answer)['requestId'] })
    await raw.send(
      headers(3, asked('BREW', '/.well-known/gatehouse/x')),
      headers(5, asked('HEAD', '/.well-known/gatehouse/x')),
    )
    expect(await raw.over(3)).toMatchObject({ status: 404 })
    expect(await raw.over(5)).toMatchObject({ status: 404, ended: true, body: Buffer.alloc(0) })
  })
})

describe('an answer in HTTP/2', () => {
  const answered = async (bytes: string, ...fields: Fields) => {
    const target = await answering(bytes)
    const fixture = await start({ targets: [target] })
    const raw = await client(fixture)
    await raw.send(headers(1, fields.length > 0 ? fields : asked('GET', '/')))
    return { fixture, raw, answer: await raw.over(1) }
  }

  it('carries trailers', async () => {
    const { answer } = await answered(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: grpc-status\r\n\r\n2\r\nok\r\n0\r\ngrpc-status: 0\r\n\r\n',
    )
    expect(answer).toMatchObject({ status: 200, trailers: true, ended: true, body: Buffer.from('ok') })
  })

  it('carries trailers where it has no content', async () => {
    const { answer } = await answered(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\ngrpc-status: 5\r\n\r\n',
    )
    expect(answer).toMatchObject({ status: 200, trailers: true, ended: true, body: Buffer.alloc(0) })
  })

  it('carries early hints', async () => {
    const { answer } = await answered(
      'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    )
    expect(answer).toMatchObject({ informational: [103], status: 200, body: Buffer.from('ok') })
  })

  it.each([
    ['to HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', asked('HEAD', '/'), 200],
    ['of 204', 'HTTP/1.1 204 No Content\r\n\r\n', asked('GET', '/'), 204],
    ['of 304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', asked('GET', '/'), 304],
  ] as const)('%s has no content', async (_name, bytes, fields, status) => {
    const { answer, fixture } = await answered(bytes, ...fields)
    expect(answer).toMatchObject({ status, ended: true, reset: null, body: Buffer.alloc(0) })
    expect((await fixture.recorded(1))[0]).toMatchObject({ status, completed: true })
  })

  it.each([
    ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'],
    ['without one', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'],
  ])('that breaks off %s is reset, and never ends well', async (_name, bytes) => {
    const target = await rawBackend((socket) => socket.end(bytes))
    const fixture = await start({ targets: [target] })
    const raw = await client(fixture)
    await raw.send(headers(1, asked('GET', '/')))
    expect(await raw.over(1)).toMatchObject({ status: 200, ended: false, reset: 2 })
    expect((await fixture.recorded(1))[0]).toMatchObject({ status: 200, completed: false })
    // The others on the connection go on.
    await raw.send(headers(3, asked('GET', '/.well-known/gatehouse/x')))
    expect(await raw.over(3)).toMatchObject({ status: 404 })
  })

  it('that cannot be said in HTTP/2 is refused', async () => {
    const { answer } = await answered('HTTP/1.1 700 Odd\r\nContent-Length: 2\r\n\r\nok')
    expect(answer).toMatchObject({ status: 502, ended: true })
  })

  it('that comes before the request has ended asks for no more of it', async () => {
    const { raw } = await answered(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
      ...asked('GET', '/'),
    )
    await raw.send(headers(3, asked('POST', '/'), flags.none), data(3, 'abc'))
    await raw.until(() => raw.stream(3).reset !== null)
    expect(raw.stream(3)).toMatchObject({ status: 200, ended: true, reset: 0, body: Buffer.from('ok') })
  })

  it('waits for its client to read', async () => {
    const size = 1024 * 1024
    const target = await backend((_request, response) => void response.end(Buffer.alloc(size)))
    const fixture = await start({ targets: [target], action: timeouts({ idle: 300 }) })
    const raw = await client(fixture)
    await raw.send(headers(1, asked('GET', '/')))
    // The window of 65,535 bytes is never opened.
    expect(await raw.over(1)).toMatchObject({ status: 200, ended: false, reset: 2 })
    expect(raw.stream(1).body.length).toBe(65_535)
  })

  it('that is complete does not wait for ever to be read', async () => {
    const target = await backend((_request, response) => void response.end(Buffer.alloc(1024)))
    const fixture = await start({ targets: [target], limits: { unreadTimeout: 200, checkInterval: 20 } })
    const raw = await client(fixture, { settings: [[4, 0]] })
    await raw.send(headers(1, asked('GET', '/')))
    expect(await raw.over(1)).toMatchObject({ status: 200, ended: false, reset: 2 })
  })
})

describe('a session', () => {
  it('of a data plane that drains is told, finishes what runs, and ends', async () => {
    const answers: (() => void)[] = []
    const target = await backend((_request, response) => answers.push(() => void response.end('ok')))
    const fixture = await start({ targets: [target], limits: { checkInterval: 20, farewellTimeout: 100 } })
    const raw = await client(fixture)
    await raw.send(headers(1, asked('GET', '/')))
    await until(() => answers.length === 1)
    const closed = fixture.listeners.close(20_000)
    await raw.until(() => raw.goaway() !== null)
    expect(raw.goaway()).toEqual({ code: 0, last: 2 ** 31 - 1 })
    // What was on its way is still served.
    await raw.send(headers(3, asked('GET', '/')))
    await until(() => answers.length === 2)
    for (const answer of answers) answer()
    expect(await raw.over(1)).toMatchObject({ status: 200, ended: true })
    expect(await raw.over(3)).toMatchObject({ status: 200, ended: true })
    await raw.until(() => raw.closed())
    expect(raw.goaway()).toEqual({ code: 0, last: 3 })
    await closed
  })

  it('on which nothing is asked is ended', async () => {
    const target = await backend()
    const limits = { keepAliveTimeout: 150, headersTimeout: 300, checkInterval: 20 }
    const fixture = await start({ targets: [target], limits })
    const [never, once] = [await client(fixture), await client(fixture)]
    await once.send(headers(1, asked('GET', '/')))
    await once.over(1)
    await once.until(() => once.closed())
    await never.until(() => never.closed())
    expect([once.goaway()?.code, never.goaway()?.code]).toEqual([0, 0])
    expect(fixture.sessionEnds).toEqual(['idle', 'idle'])
    await until(() => fixture.listeners.connections()[0]?.count === 0)
  })

  it.each([
    ['acknowledges no settings', { silent: true }, []],
    ['sends headers without an end', {}, [frame(types.headers, flags.none, 1, block(asked('GET', '/')))]],
  ] as const)('whose client %s is ended', async (_name, options, frames) => {
    const target = await backend()
    const fixture = await start({ targets: [target], limits: { headersTimeout: 200, checkInterval: 20 } })
    const raw = await client(fixture, options)
    await raw.until(() => raw.count(types.settings) === 2)
    await raw.send(...frames)
    await raw.until(() => raw.closed())
    // SETTINGS_TIMEOUT.
    expect(raw.goaway()?.code).toBe(4)
    expect(fixture.sessionEnds).toEqual(['silent'])
  })

  it('counts as one connection', async () => {
    const target = await backend()
    const fixture = await start({
      targets: [target],
      listeners: [listenerResource({ connections: { max: 1, perClient: null } })],
    })
    const raw = await client(fixture)
    await raw.send(...[1, 3].map((id) => headers(id, asked('GET', '/'))))
    await raw.over(3)
    expect(fixture.listeners.connections()[0]?.count).toBe(1)
    await expect(client(fixture).then((other) => other.until(() => other.closed()))).resolves.toBeUndefined()
  })

  it('allows a hundred requests at once', async () => {
    const target = await backend(() => {})
    const fixture = await start({ targets: [target] })
    const raw = await client(fixture)
    await raw.send(...Array.from({ length: 101 }, (_, index) => headers(1 + 2 * index, asked('GET', '/'))))
    // REFUSED_STREAM.
    expect(await raw.over(201)).toMatchObject({ status: null, reset: 7 })
    await until(() => target.requests.length === 100)
    expect(raw.count(types.goaway)).toBe(0)
  })
})
