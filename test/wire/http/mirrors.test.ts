import { expect, it } from 'vitest'
import type { MirrorOutcome } from '../../../dataplane/src/state/mirrors.ts'
import { mirrorLimits } from '../../../dataplane/src/state/mirrors.ts'
import { openRaw, sendRaw } from '../../support/raw.ts'
import { listenerResource, upstreamResources, type Target } from '../../support/resources.ts'
import type { Fixture, Wishes } from './fixture.ts'
import { head, keeper, until } from './keeper.ts'

const { start, backend, rawBackend } = keeper()

type Mirror = NonNullable<NonNullable<Wishes['action']>['mirrors']>[number]

const mirror = (over: Partial<Mirror> = {}): Mirror => ({
  upstream: 'shop/copies:80',
  methods: ['GET'],
  share: { numerator: 1, denominator: 1 },
  ...over,
})

const counted = ({ mirroring }: Fixture, outcome: MirrorOutcome): number =>
  new Map(mirroring.mirrors.outcomes()).get(outcome) ?? 0

async function mirrored(copies: readonly Target[], over: Partial<Mirror> = {}, wishes: Partial<Wishes> = {}) {
  const original = await backend()
  const fixture = await start({ targets: [original], copies, action: { mirrors: [mirror(over)] }, ...wishes })
  return { original, fixture }
}

const nobody: Target = { address: '127.0.0.1', port: 1 }

it('a copy is the request without what says who sent it, to the mirror by its own name', async () => {
  const copies = await backend()
  const { original, fixture } = await mirrored([copies])
  const credentials = ['Authorization: Bearer x', 'Cookie: a=b', 'X-Gatehouse-Subject: root', 'X-Tag: 1']
  const { responses } = await sendRaw(fixture, head('GET', '/a?b=1', ...credentials), { responses: 1 })
  expect(responses[0]?.status).toBe(200)
  await until(() => counted(fixture, 'answered') === 1)
  const [copy] = copies.requests
  expect(copy).toMatchObject({ method: 'GET', target: '/a?b=1' })
  const names = copy!.rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase())
  expect(names).toContain('x-tag')
  expect(names).toContain('x-request-id')
  for (const name of ['authorization', 'cookie', 'x-gatehouse-subject']) expect(names).not.toContain(name)
  expect(copy!.rawHeaders[1]).toBe('copies.shop:80')
  expect(original.requests[0]!.rawHeaders[1]).toBe('orders.shop:80')
})

it('only the methods that are written are copied, and of them the share', async () => {
  const copies = await backend()
  let drawn = 0.4
  const wishes = { random: () => drawn }
  const { fixture } = await mirrored([copies], { share: { numerator: 1, denominator: 2 } }, wishes)
  const send = (method: string) => sendRaw(fixture, head(method, `/${method}`), { responses: 1, methods: [method] })
  for (const method of ['POST', 'DELETE', 'GET', 'HEAD']) await send(method)
  drawn = 0.5
  await send('GET')
  await until(() => counted(fixture, 'answered') === 2)
  expect(copies.requests.map(({ method }) => method).sort()).toEqual(['GET', 'HEAD'])
})

it('a body is copied byte for byte, with its length, whichever way it came', async () => {
  const copies = await backend()
  const { fixture } = await mirrored([copies], { methods: ['POST'] })
  await sendRaw(fixture, `${head('POST', '/a', 'Content-Length: 5')}hello`, { responses: 1 })
  const chunks = `${head('POST', '/b', 'Transfer-Encoding: chunked')}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`
  await sendRaw(fixture, chunks, { responses: 1 })
  await until(() => counted(fixture, 'answered') === 2)
  expect(copies.requests.map(({ body }) => body.toString())).toEqual(['hello', 'abcde'])
  expect(fixture.mirroring.mirrors.bodies.held()).toBe(0)
})

it('a body beyond the bound is passed on and not copied', async () => {
  const copies = await backend()
  const { original, fixture } = await mirrored([copies], { methods: ['POST'] })
  const body = 'a'.repeat(200_000)
  const { responses } = await sendRaw(fixture, `${head('POST', '/a', `Content-Length: ${body.length}`)}${body}`, {
    responses: 1,
  })
  expect(responses[0]?.status).toBe(200)
  expect(original.requests[0]?.body.length).toBe(body.length)
  expect(counted(fixture, 'too-large')).toBe(1)
  expect(copies.accepted()).toBe(0)
  expect(fixture.mirroring.mirrors.bodies.held()).toBe(0)
})

it('a body that never ends is not copied, and takes up nothing', async () => {
  const copies = await backend()
  const { fixture } = await mirrored([copies], { methods: ['POST'] })
  const connection = await openRaw(fixture)
  await connection.send(`${head('POST', '/a', 'Content-Length: 50')}hello`)
  await until(() => fixture.mirroring.mirrors.bodies.held() === 5)
  connection.close()
  await until(() => counted(fixture, 'cut-off') === 1)
  expect(fixture.mirroring.mirrors.bodies.held()).toBe(0)
  expect(copies.accepted()).toBe(0)
})

it.each([
  ['nobody listens', [nobody], 'failed'],
  ['there is no endpoint', [], 'no-endpoint'],
] as const)('a request is answered where %s', async (_name, copies, outcome) => {
  const { fixture } = await mirrored(copies)
  const { responses } = await sendRaw(fixture, head('GET', '/'), { responses: 1 })
  expect(responses[0]?.status).toBe(200)
  await until(() => counted(fixture, outcome) === 1)
})

it('mirrors that never answer keep no request waiting, and no more than their places', async () => {
  const copies = await rawBackend(() => {})
  const { fixture } = await mirrored([copies])
  const connection = await openRaw(fixture)
  const requests = mirrorLimits.namespace + 5
  for (let count = 1; count <= requests; count++) {
    await connection.send(head('GET', `/${count}`))
    const { responses } = await connection.read(count)
    expect(responses[count - 1]?.status).toBe(200)
  }
  connection.close()
  expect(counted(fixture, 'busy')).toBe(5)
  expect(fixture.pools.stats().requests).toBe(0)
})

it('an answer that is longer than anybody reads is cut off', async () => {
  const copies = await rawBackend((socket) => {
    const more = (): void => {
      if (socket.writable && socket.write('a'.repeat(65_536))) setImmediate(more)
    }
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n')
    socket.on('drain', more)
    more()
  })
  const { fixture } = await mirrored([copies])
  await sendRaw(fixture, head('GET', '/'), { responses: 1 })
  await until(() => counted(fixture, 'answered') === 1)
  await until(() => copies.open() === 0)
})

it('a mirror that breaks off breaks nothing', async () => {
  const copies = await rawBackend((socket) => socket.resetAndDestroy())
  const { fixture } = await mirrored([copies])
  const { responses } = await sendRaw(fixture, head('GET', '/') + head('GET', '/'), { responses: 2 })
  expect(responses.map(({ status }) => status)).toEqual([200, 200])
  await until(() => counted(fixture, 'failed') === 2)
})

it('a mirror whose certificate cannot be read costs no request anything', async () => {
  const tls = { hostname: 'copies.shop', trust: null, subjectAltNames: [], clientCertificate: 'shop/broken' }
  const listeners = [
    listenerResource(),
    { kind: 'certificate' as const, name: 'shop/broken', spec: { chain: 'none', privateKey: 'none' } },
    ...upstreamResources('broken', [nobody], { tls }),
  ]
  const { fixture } = await mirrored([], { upstream: 'shop/broken:80', methods: ['GET', 'POST'] }, { listeners })
  const upload = `${head('POST', '/', 'Content-Length: 5')}hello`
  const { responses } = await sendRaw(fixture, head('GET', '/') + upload, { responses: 2 })
  expect(responses.map(({ status }) => status)).toEqual([200, 200])
  await until(() => counted(fixture, 'no-endpoint') === 2)
  expect(fixture.mirroring.mirrors.bodies.held()).toBe(0)
})
