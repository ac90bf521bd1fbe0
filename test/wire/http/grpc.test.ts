import { connect, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2'
import { afterEach, describe, expect, it } from 'vitest'
import { startGateway, type GatewayHarness } from '../../support/gateway.ts'
import { startGrpcBackend, type GrpcBackend, type GrpcCall } from '../../support/grpcBackend.ts'
import {
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../../support/resources.ts'

let gateway: GatewayHarness
let backend: GrpcBackend
let session: ClientHttp2Session
afterEach(async () => {
  session.destroy()
  await gateway.close()
  await backend.close()
})

async function start(answer?: (call: GrpcCall) => void): Promise<void> {
  backend = await startGrpcBackend(answer)
  const calls = { path: { type: 'PathPrefix' as const, value: '/shop.v1.Orders' }, methods: null }
  gateway = await startGateway([
    installationResource(),
    listenerResource(),
    policyResource(),
    ...upstreamResources('orders', [backend], { protocol: 'H2C' }),
    routeResource([ruleTo('orders', { matches: [{ ...calls, headers: [], queryParams: [] }] })]),
  ])
  const { address, port } = gateway.target()
  session = connect(`http://${address}:${port}`)
  session.on('error', () => {})
}

const call = (path = '/shop.v1.Orders/Get', more: IncomingHttpHeaders = {}): ClientHttp2Stream =>
  session.request({
    ...{ ':method': 'POST', ':path': path, ':authority': 'api.shop.example' },
    ...{ 'content-type': 'application/grpc', te: 'trailers', ...more },
  })

interface Outcome {
  readonly headers: IncomingHttpHeaders
  readonly trailers: IncomingHttpHeaders
  readonly body: string
  readonly code: number | undefined
}

function outcomeOf(stream: ClientHttp2Stream): Promise<Outcome> {
  return new Promise((resolve) => {
    let headers: IncomingHttpHeaders = {}
    let trailers: IncomingHttpHeaders = {}
    let body = ''
    stream.on('response', (received) => (headers = received))
    stream.on('trailers', (received) => (trailers = received))
    stream.on('data', (chunk: Buffer) => (body += chunk.toString()))
    stream.on('error', () => {})
    stream.on('close', () => resolve({ headers, trailers, body, code: stream.rstCode }))
  })
}

const grpc = { ':status': 200, 'content-type': 'application/grpc' } as const

describe('gRPC from end to end', () => {
  it('has its trailers, also where they are all that there is', async () => {
    await start(({ stream, headers }) => {
      if (headers['x-none'] !== undefined) {
        stream.respond({ ...grpc, 'grpc-status': '5', 'grpc-message': 'none' }, { endStream: true })
        return
      }
      stream.respond(grpc, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      stream.pipe(stream)
    })
    const sent = call()
    sent.end('abc')
    expect(await outcomeOf(sent)).toMatchObject({ body: 'abc', trailers: { 'grpc-status': '0' }, code: 0 })
    const none = call('/shop.v1.Orders/Get', { 'x-none': '1' })
    none.end('abc')
    expect(await outcomeOf(none)).toMatchObject({ trailers: { 'grpc-status': '5', 'grpc-message': 'none' }, code: 0 })
  })

  it.each([
    {
      name: 'a path that nothing serves',
      path: '/other/Get',
      trailers: { 'grpc-status': '12', 'grpc-message': 'Nothing is served here (no-route)' },
    },
    {
      name: 'a path that is none',
      path: '/shop.v1.Orders/%zz',
      trailers: { 'grpc-status': '3', 'grpc-message': 'The path is malformed or ambiguous (bad-path)' },
    },
    {
      name: 'a caller whose time is over',
      more: { 'grpc-timeout': '50m' },
      trailers: { 'grpc-status': '4', 'grpc-message': 'The upstream took too long (upstream-timeout)' },
    },
  ])('is refused in its own words for $name', async ({ path, more, trailers: wanted }) => {
    await start(() => {})
    const sent = call(path, more)
    sent.end('abc')
    const { headers, trailers, body } = await outcomeOf(sent)
    expect(headers).toMatchObject({ ':status': 200, 'content-type': 'application/grpc' })
    expect(headers['x-request-id']).toBeDefined()
    expect(trailers).toMatchObject(wanted)
    expect(body).toBe('')
  })

  it('is refused as anything else is where it is not gRPC', async () => {
    await start(() => {})
    const sent = call('/other/Get', { 'content-type': 'application/json' })
    sent.end('{}')
    const { headers, trailers } = await outcomeOf(sent)
    expect(headers).toMatchObject({ ':status': 404, 'content-type': 'application/problem+json' })
    expect(trailers['grpc-status']).toBeUndefined()
  })

  it('is broken off for the caller where the backend breaks off', async () => {
    await start(({ stream }) => {
      stream.respond(grpc)
      stream.write('half', () => stream.session?.socket.destroy())
    })
    const sent = call()
    sent.end('abc')
    const { body, trailers, code } = await outcomeOf(sent)
    expect(body).toBe('half')
    expect(trailers['grpc-status']).toBeUndefined()
    expect(code).not.toBe(0)
  })

  it('is given up at the backend when the caller gives it up, and nothing else is', async () => {
    await start(({ stream, headers }) => {
      stream.respond(grpc, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      if (headers['x-slow'] === undefined) stream.end('done')
      else stream.write('first')
    })
    const slow = call('/shop.v1.Orders/Watch', { 'x-slow': '1' })
    slow.write('abc')
    await new Promise((resolve) => slow.once('data', resolve))
    const cancel = 8
    slow.close(cancel)
    await expect.poll(() => backend.calls[0]?.code).toBe(cancel)
    const next = call()
    next.end('abc')
    expect(await outcomeOf(next)).toMatchObject({ body: 'done', trailers: { 'grpc-status': '0' }, code: 0 })
    expect(backend.sessions()).toBe(1)
  })
})
