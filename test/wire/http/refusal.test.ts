import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { openRaw, sendRaw } from '../../support/raw.ts'
import { codeOf, head, json, keeper } from './keeper.ts'

const { backend, keep, start } = keeper()

const nobody = { providers: [], rules: [] }

describe('a refusal', () => {
  it('carries one id in body, header and record, and no other text', async () => {
    const target = await backend()
    const fixture = await start({ targets: [target], policy: nobody })
    const { responses } = await sendRaw(fixture, head('GET', '/secret?token=s3cret', 'X-Request-Id: mine'), {
      responses: 1,
    })
    const [record] = await fixture.recorded(1)
    expect(json(responses[0])['requestId']).toBe(record?.requestId)
    expect(responses[0]?.headers.get('x-request-id')).toEqual([record?.requestId])
    expect(responses[0]?.headers.get('content-type')).toEqual(['application/problem+json'])
    expect(responses[0]?.headers.get('cache-control')).toEqual(['no-store'])
    expect(responses[0]?.body.toString()).not.toMatch(/s3cret|mine|secret/)
    expect(target.accepted()).toBe(0)
  })

  it('of a HEAD has no body', async () => {
    const fixture = await start({ targets: [], policy: nobody })
    const { bytes } = await sendRaw(fixture, head('HEAD', '/'), { responses: 1, methods: ['HEAD'] })
    expect(bytes.toString('latin1')).toMatch(/^HTTP\/1\.1 403 [^]*\r\n\r\n$/)
  })

  it('keeps the connection when the rest of the body is short', async () => {
    const target = await backend()
    const fixture = await start({ targets: [target], policy: nobody })
    const connection = await openRaw(fixture)
    await connection.send(`${head('POST', '/', 'Content-Length: 6')}abc`)
    await connection.read(1)
    await connection.send('def')
    await connection.send(head('GET', '/'))
    const { responses, closed } = await connection.read(2)
    connection.close()
    expect(responses.map(({ status }) => status)).toEqual([403, 403])
    expect(closed).toBe(false)
  })

  it('ends the connection without a reset although the client still sends a large body', async () => {
    const fixture = await start({ targets: [], policy: nobody })
    const socket = connect({ port: fixture.port, host: fixture.address, allowHalfOpen: true })
    await keep({ close: async () => void socket.destroy() })
    const failed = new Promise<Error>((resolve) => socket.on('error', resolve))
    const ended = new Promise((resolve) => socket.on('end', resolve))
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
    socket.write(head('POST', '/', 'Content-Length: 262144'))
    await new Promise((resolve) => socket.once('data', resolve))
    for (let sent = 0; sent < 262_144; sent += 4096) {
      await new Promise((resolve) => socket.write(Buffer.alloc(4096), resolve))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await Promise.race([failed, ended])).toBeUndefined()
    expect(answer).toMatch(/^HTTP\/1\.1 403 [^]*\r\nConnection: close\r\n/)
  })

  it('does not wait for ever for a body that does not end', async () => {
    const fixture = await start({ targets: [], policy: nobody })
    const { responses, closed } = await sendRaw(fixture, head('POST', '/', 'Transfer-Encoding: chunked'))
    expect(responses.map(({ status }) => status)).toEqual([403])
    expect(closed).toBe(true)
  })

  it('leaves what follows a request that ends the connection unexecuted', async () => {
    const target = await backend()
    const fixture = await start({
      targets: [target],
      around: (raw, admit) => (raw.target === '/a' ? admit() : admit()),
    })
    const pipelined = head('GET', '/a', 'Connection: close') + head('GET', '/b')
    const { responses } = await sendRaw(fixture, pipelined)
    expect(responses).toHaveLength(1)
    expect(target.requests.map((request) => request.target)).toEqual(['/a'])
  })

  it('before the first snapshot is 503 not-ready', async () => {
    const fixture = await start({ targets: [] })
    fixture.unconfigure()
    const { responses } = await sendRaw(fixture, head('GET', '/'), { responses: 1 })
    expect(codeOf(responses[0])).toBe('not-ready')
  })

  it('of reserved paths is 404, as text and encoded, and reaches no backend', async () => {
    const target = await backend()
    const fixture = await start({ targets: [target] })
    const paths = ['/.well-known/gatehouse/x', '/%2ewell-known/gatehouse/x', '/.well-known/gatehouse/%zz']
    for (const path of paths) {
      const { responses } = await sendRaw(fixture, head('POST', path, 'Content-Type: a/b', 'Content-Length: 0'), {
        responses: 1,
      })
      expect(codeOf(responses[0])).toBe(path.endsWith('%zz') ? 'bad-path' : 'no-route')
      expect(responses[0]?.headers.get('x-request-id')).toEqual([json(responses[0])['requestId']])
    }
    const records = await fixture.recorded(3)
    expect(records.map(({ decision, status }) => `${decision} ${status}`)).toEqual([
      'refuse 404',
      'refuse 404',
      'refuse 400',
    ])
    expect(target.accepted()).toBe(0)
  })

  it('of a failing admission is 500 internal-error', async () => {
    const fixture = await start({
      targets: [],
      around: (raw) => {
        if (raw.target === '/throws') throw new Error('secret')
        return Promise.reject(new Error('secret'))
      },
    })
    for (const path of ['/throws', '/rejects']) {
      const { responses } = await sendRaw(fixture, head('GET', path), { responses: 1 })
      expect(codeOf(responses[0])).toBe('internal-error')
      expect(responses[0]?.body.toString()).not.toContain('secret')
    }
  })
})

describe('Expect', () => {
  it('is met when the request may go on, and the backend sees none', async () => {
    const target = await backend()
    const fixture = await start({ targets: [target] })
    const connection = await openRaw(fixture)
    await connection.send(head('POST', '/', 'Content-Length: 3', 'Expect: 100-continue'))
    expect((await connection.read(1)).responses.map(({ status }) => status)).toEqual([100])
    await connection.send('abc')
    const { responses } = await connection.read(2)
    connection.close()
    expect(responses[1]?.status).toBe(200)
    expect(target.requests[0]?.body.toString()).toBe('abc')
    expect(target.bytes().toString('latin1').toLowerCase()).not.toContain('expect')
  })

  it('is not met for a request that is refused', async () => {
    const target = await backend()
    const fixture = await start({ targets: [target], policy: nobody })
    const exchange = await sendRaw(fixture, head('POST', '/', 'Content-Length: 3', 'Expect: 100-continue'))
    expect(exchange.responses.map(({ status }) => status)).toEqual([403])
    expect(exchange.closed).toBe(true)
  })

  it('is not met while the backend cannot be reached', async () => {
    const target = await backend()
    await target.close()
    const fixture = await start({ targets: [target] })
    const exchange = await sendRaw(fixture, head('POST', '/', 'Content-Length: 3', 'Expect: 100-continue'), {
      responses: 1,
    })
    expect(exchange.responses.map(({ status }) => status)).toEqual([502])
  })

  it.each(['a-miracle', '100-continue, a-miracle'])('of %s is answered 417', async (value) => {
    const target = await backend()
    const fixture = await start({ targets: [target] })
    const { responses } = await sendRaw(fixture, head('GET', '/', `Expect: ${value}`), { responses: 1 })
    expect(json(responses[0])).toMatchObject({ type: 'urn:gatehouse:problem:expectation-failed', status: 417 })
    expect(target.accepted()).toBe(0)
  })
})
