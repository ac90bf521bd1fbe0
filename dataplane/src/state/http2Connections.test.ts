import { constants, type ServerHttp2Stream } from 'node:http2'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../clock.ts'
import { open } from './dial.ts'
import { Http2Connections } from './http2Connections.ts'
import { closeUpstreams, http2Upstream, Recorded, send } from './http2Fixture.ts'

afterEach(closeUpstreams)

const grpc = { ':status': 200, 'content-type': 'application/grpc' }

describe('Http2Connections', () => {
  it('passes on a request as HTTP/2 has it, and the answer with its trailers', async () => {
    const seen: unknown[] = []
    const one = await http2Upstream((stream) => {
      stream.additionalHeaders({ ':status': 103, link: '</a>' })
      stream.respond(grpc, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      stream.pipe(stream)
    })
    one.server.on('stream', (_stream, headers) => seen.push(headers))
    const sent = send(one, '/echo?a=1', { body: Readable.from([Buffer.from('ab'), Buffer.from('c')]) })
    expect(await sent.over).toMatchObject({ status: 200, body: 'abc', trailers: { 'grpc-status': '0' }, error: null })
    expect(sent.interim).toEqual([103])
    expect(seen).toMatchObject([
      { ':method': 'POST', ':path': '/echo?a=1', ':authority': 'a.b:80', ':scheme': 'http', 'x-tag': '1, 2' },
    ])
  })

  it('takes an answer of trailers alone for one', async () => {
    const one = await http2Upstream((stream) => stream.respond({ ...grpc, 'grpc-status': '5' }, { endStream: true }))
    const outcome = await send(one, '/only', { body: Buffer.from('abc') }).over
    expect(outcome).toMatchObject({ body: '', trailers: { 'grpc-status': '5' }, error: null })
    expect(outcome.headers['grpc-status']).toBeUndefined()
  })

  it('ends with an answer that comes before the request has ended, trailers or not', async () => {
    const one = await http2Upstream((stream, path) => {
      if (path === '/plain') {
        stream.respond({ ':status': 200 })
        stream.end('early')
        return
      }
      stream.respond(grpc, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '8' }))
      stream.end('early')
    })
    const endless = () => new Readable({ read() {} })
    expect(await send(one, '/plain', { body: endless() }).over).toMatchObject({ body: 'early', error: null })
    const withTrailers = await send(one, '/trailers', { body: endless() }).over
    expect(withTrailers).toMatchObject({ body: 'early', trailers: { 'grpc-status': '8' }, error: null })
    expect(one.sessions).toHaveLength(1)
  })

  it('tells the upstream that nobody waits any longer, and keeps the connection', async () => {
    const one = await http2Upstream((stream, path) => {
      if (path === '/slow') return
      stream.respond(grpc)
      stream.write('x')
    })
    for (const path of ['/slow', '/begun']) {
      const sent = send(one, path)
      await expect.poll(() => (path === '/slow' ? sent.control !== null : sent.bytes > 0)).toBe(true)
      sent.control?.abort(new Error('gone'))
      expect((await sent.over).error?.message).toBe('gone')
      await expect.poll(() => one.resets.get(path)).toBe(constants.NGHTTP2_CANCEL)
    }
    expect(one.sessions).toHaveLength(1)
    expect(one.sessions[0]?.destroyed).toBe(false)
  })

  it('holds the upstream back while nobody reads, and other streams go on', async () => {
    let written = 0
    const chunk = Buffer.alloc(16 * 1024)
    const one = await http2Upstream((stream, path) => {
      stream.respond(grpc)
      if (path === '/small') {
        stream.end('small')
        return
      }
      const write = (): void => {
        while (!stream.destroyed && stream.write(chunk)) written += chunk.length
        stream.once('drain', write)
      }
      write()
    })
    const slow = new Recorded()
    slow.paused = true
    one.connections.dispatch({ method: 'GET', path: '/endless', headers: ['host', 'a'], body: null }, slow)
    await expect.poll(() => slow.bytes).toBeGreaterThan(0)
    for (let times = 0; times < 20; times++)
      expect(await send(one, '/small').over).toMatchObject({ body: 'small', error: null })
    expect(slow.bytes).toBeLessThan(128 * 1024)
    expect(written).toBeLessThan(1024 * 1024)
    expect(one.sessions).toHaveLength(1)
  })

  it('puts many requests on one connection, and more connections where the upstream allows few', async () => {
    const answer = (stream: ServerHttp2Stream): void => {
      stream.respond(grpc)
      stream.end('done')
    }
    const wide = await http2Upstream(answer)
    const all = await Promise.all(Array.from({ length: 90 }, () => send(wide, '/').over))
    expect(all.filter(({ body }) => body === 'done')).toHaveLength(90)
    expect(wide.sessions).toHaveLength(1)
    const narrow = await http2Upstream(answer, { maxConcurrentStreams: 2 })
    await send(narrow, '/').over
    const some = await Promise.all(Array.from({ length: 20 }, () => send(narrow, '/').over))
    expect(some.filter(({ body }) => body === 'done')).toHaveLength(20)
  })

  it('sends a request elsewhere that a connection which ends has not looked at', async () => {
    const one = await http2Upstream((stream, path) => {
      const first = one.sessions[0] === stream.session
      if (first && path !== '/warm') {
        // What a server says that no longer looks at streams after the first.
        stream.close(constants.NGHTTP2_REFUSED_STREAM)
        return
      }
      stream.respond(grpc)
      stream.end('done')
      if (path === '/warm') stream.session?.goaway(constants.NGHTTP2_NO_ERROR, 2 ** 31 - 1)
    })
    await send(one, '/warm').over
    const sent = send(one, '/next', { body: Buffer.from('abc') })
    expect(await sent.over).toMatchObject({ body: 'done', error: null })
    expect(one.sessions).toHaveLength(2)
  })

  it('gives back a refused request whose body is already on its way', async () => {
    const one = await http2Upstream((stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM))
    const sent = send(one, '/', { body: Readable.from([Buffer.from('abc')]) })
    expect((await sent.over).error).not.toBeNull()
    expect(sent.starts).toBe(1)
  })

  it('does not ask for ever who refuses always', async () => {
    const one = await http2Upstream((stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM))
    const sent = send(one, '/')
    expect((await sent.over).error).not.toBeNull()
    expect(sent.starts).toBe(3)
  })

  it('fails what runs when its connection breaks, and begins anew', async () => {
    const one = await http2Upstream((stream, path) => {
      stream.respond(grpc)
      if (path === '/break') stream.write('half', () => stream.session?.socket.destroy())
      else stream.end('done')
    })
    expect((await send(one, '/break').over).error).not.toBeNull()
    await expect.poll(() => one.connections.stats.connected).toBe(0)
    expect(await send(one, '/').over).toMatchObject({ body: 'done', error: null })
  })

  it('lets requests finish when it is closed, and takes no more', async () => {
    let finish = (): void => {}
    const one = await http2Upstream((stream) => {
      stream.respond(grpc)
      finish = () => void stream.end('done')
    })
    const sent = send(one, '/')
    await expect.poll(() => sent.outcome.status).toBe(200)
    const closed = one.connections.close()
    expect((await send(one, '/late').over).error).not.toBeNull()
    finish()
    expect(await sent.over).toMatchObject({ body: 'done', error: null })
    await closed
    await expect.poll(() => one.connections.stats.connected).toBe(0)
  })

  it('fails everything when nobody answers the call', async () => {
    const connections = new Http2Connections({
      dial: () => open({ address: '127.0.0.1', port: 1, tls: null }, 1000),
      secure: false,
      timeout: 1000,
      clock: systemClock,
    })
    const sent = [new Recorded(), new Recorded()]
    for (const one of sent) connections.dispatch({ method: 'GET', path: '/', headers: ['host', 'a'], body: null }, one)
    for (const one of sent) expect((await one.over).error).not.toBeNull()
    expect(sent.map(({ starts }) => starts)).toEqual([0, 0])
  })
})
