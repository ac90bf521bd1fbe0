import { connect, createServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { startGateway, type GatewayHarness } from '../../support/gateway.ts'
import { startGrpcBackend, type GrpcBackend, type GrpcCall } from '../../support/grpcBackend.ts'
import { openRaw, sendRaw } from '../../support/raw.ts'
import {
  forwardTo,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../../support/resources.ts'

let gateway: GatewayHarness
let backend: GrpcBackend
afterEach(async () => {
  await gateway.close()
  await backend.close()
})

async function start(answer?: (call: GrpcCall) => void): Promise<void> {
  backend = await startGrpcBackend(answer)
  gateway = await startGateway([
    installationResource(),
    listenerResource(),
    policyResource(),
    ...upstreamResources('orders', [backend], { protocol: 'H2C' }),
    routeResource([ruleTo('orders')]),
  ])
}

const call = (more: readonly string[] = [], body = 'abc'): string =>
  [
    'POST /shop.v1.Orders/Get HTTP/1.1',
    'Host: api.shop.example',
    'Content-Type: application/grpc',
    'TE: trailers',
    `Content-Length: ${body.length}`,
    ...more,
    '',
    body,
  ].join('\r\n')

const grpc = { ':status': 200, 'content-type': 'application/grpc' } as const

/** Takes connections for a backend and passes on nothing before its time, as one that is busy with its start. */
async function startBusy(port: number, milliseconds: number) {
  const server = createServer((socket) => {
    const inner = connect(port, '127.0.0.1')
    socket.on('error', () => inner.destroy())
    inner.on('error', () => socket.destroy())
    setTimeout(() => socket.pipe(inner).pipe(socket), milliseconds)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { address: '127.0.0.1', port: (server.address() as AddressInfo).port, close: () => server.close() }
}

describe('an upstream that speaks HTTP/2', () => {
  it('may take longer for its first word than for the connection', async () => {
    backend = await startGrpcBackend()
    const busy = await startBusy(backend.port, 600)
    const timeouts = { request: 15_000, backendRequest: 0, connect: 200, idle: 60_000, maxStreamAge: 0 }
    gateway = await startGateway([
      installationResource(),
      listenerResource(),
      policyResource(),
      ...upstreamResources('orders', [busy], { protocol: 'H2C' }),
      routeResource([ruleTo('orders', { action: forwardTo('orders', { timeouts }) })]),
    ])
    const { responses } = await sendRaw(gateway.target(), call(), { responses: 1 })
    expect(responses.map(({ status }) => status)).toEqual([200])
    busy.close()
  })

  it('gets a request of gRPC as it was meant, and its trailers reach the client', async () => {
    await start()
    const { bytes } = await sendRaw(
      gateway.target(),
      call(['X-Forwarded-For: 1.2.3.4', 'Connection: x-hop', 'X-Hop: 1']),
      {
        responses: 1,
      },
    )
    const text = bytes.toString('latin1')
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(text).toContain('\r\ncontent-type: application/grpc\r\n')
    expect(text).toMatch(/\r\n3\r\nabc\r\n0\r\ngrpc-status: 0\r\ngrpc-message: fine\r\n\r\n$/)
    const { headers, body } = backend.calls[0]!
    expect(body).toBe('abc')
    expect(headers).toMatchObject({
      ':method': 'POST',
      ':path': '/shop.v1.Orders/Get',
      ':authority': 'orders.shop:80',
      ':scheme': 'http',
      te: 'trailers',
      'content-type': 'application/grpc',
      'x-forwarded-for': '127.0.0.1',
    })
    expect(headers['x-hop']).toBeUndefined()
    expect(headers['host']).toBeUndefined()
    expect(headers['connection']).toBeUndefined()
  })

  it('may answer with trailers alone', async () => {
    await start(({ stream }) => stream.respond({ ...grpc, 'grpc-status': '5' }, { endStream: true }))
    const { bytes } = await sendRaw(gateway.target(), call(), { responses: 1 })
    expect(bytes.toString('latin1')).toMatch(/\r\n0\r\ngrpc-status: 5\r\n\r\n$/)
  })

  it('that fails in the middle never gives a client something whole', async () => {
    await start(({ stream }) => {
      stream.respond(grpc)
      stream.write('half', () => stream.session?.socket.destroy())
    })
    const { bytes, closed } = await sendRaw(gateway.target(), call())
    expect(closed).toBe(true)
    expect(bytes.toString('latin1')).toContain('half')
    expect(bytes.toString('latin1')).not.toMatch(/\r\n0\r\n/)
  })

  it('hears at once when the client has gone, and its connection goes on', async () => {
    await start(({ stream, headers }) => {
      if (headers['x-slow'] === undefined) stream.respond(grpc, { endStream: true })
    })
    const client = await openRaw(gateway.target())
    await client.send(call(['X-Slow: 1']))
    await expect.poll(() => backend.calls[0]?.body).toBe('abc')
    client.close()
    const cancel = 8
    await expect.poll(() => backend.calls[0]?.code).toBe(cancel)
    await sendRaw(gateway.target(), call(), { responses: 1 })
    expect(backend.sessions()).toBe(1)
  })

  it('is given up when the time of the caller is over, also in the middle of a stream', async () => {
    await start(({ stream, headers }) => {
      if (headers['x-begin'] === undefined) return
      stream.respond(grpc)
      stream.write('first')
    })
    const before = await sendRaw(gateway.target(), call(['grpc-timeout: 50m']), { responses: 1 })
    expect(before.responses[0]).toMatchObject({ status: 504 })
    const during = await sendRaw(gateway.target(), call(['X-Begin: 1', 'grpc-timeout: 100m']))
    expect(during.bytes.toString('latin1')).toContain('first')
    expect(during.bytes.toString('latin1')).not.toMatch(/\r\n0\r\n/)
    await expect.poll(() => backend.calls.map(({ code }) => code)).toEqual([8, 8])
    expect(backend.calls[0]?.headers['grpc-timeout']).toBe('50m')
  })

  it('streams both ways, and carries many requests on one connection', async () => {
    await start()
    const client = await openRaw(gateway.target())
    let text = ''
    client.socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    await client.send(call().replace('Content-Length: 3', 'Transfer-Encoding: chunked').replace(/abc$/, '3\r\none\r\n'))
    await expect.poll(() => text).toContain('one')
    await client.send('3\r\ntwo\r\n')
    await expect.poll(() => text).toContain('two')
    await client.send('0\r\n\r\n')
    await expect.poll(() => text).toMatch(/grpc-status: 0/)
    client.close()
    const many = Array.from({ length: 50 }, () => sendRaw(gateway.target(), call(), { responses: 1 }))
    for (const { responses } of await Promise.all(many)) expect(responses[0]?.status).toBe(200)
    expect(backend.sessions()).toBe(1)
  })
})
