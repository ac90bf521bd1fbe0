import { describe, expect, it } from 'vitest'
import { quota } from '../../support/quota.ts'
import { openRaw, sendRaw } from '../../support/raw.ts'
import { backendOf } from '../../support/resources.ts'
import { head, json, keeper } from './keeper.ts'

const { answering, backend, start } = keeper()

describe('a forwarded request', () => {
  it('reaches the backend and is recorded once', async () => {
    const target = await backend()
    const fixture = await start({ targets: [target] })
    const { responses } = await sendRaw(fixture, head('GET', '/a?b=c', 'X-Test: one'), { responses: 1 })
    expect(responses[0]).toMatchObject({ status: 200, complete: true })
    expect(target.requests[0]).toMatchObject({ method: 'GET', target: '/a?b=c' })
    const [record] = await fixture.recorded(1)
    expect(record).toMatchObject({ status: 200, decision: 'permit', code: null, check: null, completed: true })
    expect(record?.upstream).toMatchObject({ address: `127.0.0.1:${target.port}`, status: 200 })
    expect(responses[0]?.headers.get('x-request-id')).toEqual([record?.requestId])
  })

  it('hides none of its headers', async () => {
    const target = await backend()
    const fixture = await start({ targets: [target] })
    const headers = Array.from({ length: 120 }, (_, index) => `X-${index}: ${index}`)
    await sendRaw(fixture, head('GET', '/', ...headers), { responses: 1 })
    const names = target.requests[0]?.rawHeaders.filter((text) => /^X-\d+$/.test(text))
    expect(names).toHaveLength(120)
  })

  it('reuses one upstream connection for every method, with and without a body', async () => {
    const target = await backend()
    const fixture = await start({ targets: [target] })
    const methods = ['GET', 'HEAD', 'POST', 'DELETE', 'HEAD', 'PUT', 'OPTIONS', 'GET', 'PATCH', 'DELETE']
    const connection = await openRaw(fixture, { methods })
    let count = 0
    for (const method of methods) {
      const withBody = method !== 'HEAD' && method !== 'OPTIONS'
      const framing = withBody ? 'Content-Length: 3\r\n\r\nabc' : '\r\n'
      await connection.send(`${method} / HTTP/1.1\r\nHost: api.shop.example\r\n${framing}`)
      await connection.read(++count)
    }
    const { responses } = await connection.read(methods.length)
    connection.close()
    expect(responses.map(({ status }) => status)).toEqual(methods.map(() => 200))
    expect(target.accepted()).toBe(1)
    expect(target.requests.map(({ method }) => method)).toEqual(methods)
    expect(target.requests.map((request) => request.body.toString())).toEqual(
      methods.map((method) => (method === 'HEAD' || method === 'OPTIONS' ? '' : 'abc')),
    )
  })

  it.each(['GET', 'POST', 'DELETE'])('carries a chunked body of %s', async (method) => {
    const target = await backend()
    const fixture = await start({ targets: [target] })
    const request = `${method} / HTTP/1.1\r\nHost: api.shop.example\r\nTransfer-Encoding: chunked\r\n\r\n`
    const { responses } = await sendRaw(fixture, [request, '3\r\nabc\r\n', '2\r\nde\r\n', '0\r\n\r\n'], {
      responses: 1,
    })
    expect(json(responses[0])).toMatchObject({ method, body: 'abcde' })
  })

  it('answers a HEAD without a body and with the length', async () => {
    const target = await backend()
    const fixture = await start({ targets: [target] })
    const request = head('GET', '/').replace('GET', 'HEAD')
    const { responses, bytes } = await sendRaw(fixture, request, { responses: 1, methods: ['HEAD'] })
    expect(responses[0]?.headers.get('content-length')?.[0]).toMatch(/^[1-9]\d+$/)
    expect(bytes.toString('latin1').endsWith('\r\n\r\n')).toBe(true)
  })

  it('passes on early hints, trailers and repeated headers', async () => {
    const target = await answering(
      'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n' +
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n' +
        '3\r\nabc\r\n0\r\nX-Sum: 42\r\nSet-Cookie: c=3\r\n\r\n',
    )
    const fixture = await start({ targets: [target] })
    const { responses, bytes } = await sendRaw(fixture, head('GET', '/'), { responses: 2 })
    expect(responses.map(({ status }) => status)).toEqual([103, 200])
    expect(responses[0]?.headers.get('link')).toEqual(['</a.css>; rel=preload'])
    expect(responses[1]?.headers.get('set-cookie')).toEqual(['a=1', 'b=2'])
    expect(bytes.toString('latin1')).toContain('0\r\nx-sum: 42\r\n\r\n')
    expect(bytes.toString('latin1')).not.toContain('c=3')
  })

  it('serves HTTP/1.0 without chunks and closes', async () => {
    const target = await answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n')
    const fixture = await start({ targets: [target] })
    const { bytes, closed } = await sendRaw(fixture, head('GET', '/').replace('1.1', '1.0'))
    expect(closed).toBe(true)
    expect(bytes.toString('latin1')).toMatch(/\r\n\r\nabc$/)
  })

  it('keeps the gateway that it began with', async () => {
    const target = await backend((_request, response) => {
      void fixture.apply({ targets: [] }).then(() => response.end('old'))
    })
    const fixture = await start({ targets: [target] })
    const connection = await openRaw(fixture)
    await connection.send(head('GET', '/'))
    expect((await connection.read(1)).responses[0]?.status).toBe(200)
    await connection.send(head('GET', '/'))
    expect((await connection.read(2)).responses[1]?.status).toBe(503)
    connection.close()
  })

  it('tells of the quota that it has passed', async () => {
    const target = await backend()
    const rates = [{ limit: 2, window: 60_000, burst: 2 }]
    const fixture = await start({
      targets: [target],
      policy: { quotas: [quota(['IP'], { rates })] },
    })
    const { responses } = await sendRaw(fixture, head('GET', '/').repeat(3), { responses: 3 })
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 429])
    expect(responses[0]?.headers.get('ratelimit-policy')?.[0]).toMatch(/^"burst";q=2;w=60$/)
    expect(responses[0]?.headers.get('ratelimit')?.[0]).toMatch(/^"burst";r=1;t=\d+$/)
    expect(responses[2]?.headers.get('ratelimit')?.[0]).toMatch(/^"burst";r=0;t=\d+$/)
    expect(Number(responses[2]?.headers.get('retry-after')?.[0])).toBeGreaterThan(0)
  })

  it('does not take an unsolicited response for the next answer', async () => {
    const target = await answering(
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirstHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison',
    )
    const fixture = await start({ targets: [target] })
    const connection = await openRaw(fixture)
    await connection.send(head('GET', '/1'))
    await connection.read(1)
    await connection.send(head('GET', '/2'))
    const { responses } = await connection.read(2)
    connection.close()
    expect(responses.map((response) => response.body.toString())).toEqual(['first', 'first'])
  })
})

describe('a backend that cannot be chosen', () => {
  it('is 503 without endpoints and 500 for the share of an invalid reference', async () => {
    const fixture = await start({ targets: [] })
    const none = await sendRaw(fixture, head('GET', '/'), { responses: 1 })
    expect(json(none.responses[0])).toMatchObject({ type: 'urn:gatehouse:problem:no-endpoint', status: 503 })
    await fixture.apply({ targets: [], action: { backends: [{ type: 'Invalid', weight: 1 }] } })
    const invalid = await sendRaw(fixture, head('GET', '/'), { responses: 1 })
    expect(json(invalid.responses[0])).toMatchObject({ type: 'urn:gatehouse:problem:config-invalid', status: 500 })
  })

  it('goes by weight, and round the addresses in turn', async () => {
    const targets = [await backend(), await backend()]
    let draw = 0
    const fixture = await start({
      targets,
      action: {
        backends: [backendOf('orders', { weight: 3 }), { type: 'Invalid', weight: 1 }],
      },
      random: () => (draw++ % 4) / 4,
    })
    const connection = await openRaw(fixture)
    for (let count = 1; count <= 9; count++) {
      await connection.send(head('GET', '/'))
      await connection.read(count)
    }
    const { responses } = await connection.read(9)
    connection.close()
    expect(responses.filter(({ status }) => status === 500)).toHaveLength(2)
    expect(targets.map(({ requests }) => requests.length).toSorted((a, b) => a - b)).toEqual([3, 4])
  })
})
