import { once } from 'node:events'
import { createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { duplexPair } from 'node:stream'
import {
  connect as connectTls,
  createSecureContext,
  createServer as createTlsServer,
  TLSSocket,
  type ConnectionOptions,
} from 'node:tls'
import { seal, type Resource } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthority, type Authority, type Leaf } from '../support/authority.ts'
import { sendRaw } from '../support/raw.ts'
import {
  installationResource,
  listenersApart,
  policyResource,
  routeResource,
  ruleTo,
  under,
  upstreamResources,
} from '../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { attackedEntry } from './attackedEntry.ts'
import { request } from './attack.ts'
import { sound, startFaultyBackend, type FaultyBackend, type Script } from './faultyBackend.ts'
import { connectLoosely, contentType, type Wanted } from './handshakes.ts'
import { host } from './shop.ts'

const old = { maxVersion: 'TLSv1.2' } as const

/** Handshakes after the first that came to an end, at either end. */
let finished = 0

/** Asks for another handshake on a connection. */
function renegotiate(socket: Socket): void {
  if (!(socket instanceof TLSSocket)) throw new Error('there is no TLS')
  socket.renegotiate({}, (error) => {
    if (error === null) finished++
  })
}

let other: Leaf

/** When a backend does so, and what the client may see. */
const backendCases: Readonly<Record<string, readonly [Script, RegExp]>> = {
  'before it answers': [renegotiate, /^502 upstream-protocol$/],
  'and answers at once': [
    (socket, own) => {
      renegotiate(socket)
      socket.write(sound(own))
    },
    /^(200 OWN|502 upstream-protocol)$/,
  ],
  'with another certificate': [
    (socket) => {
      if (!(socket instanceof TLSSocket)) return
      socket.setKeyCert(createSecureContext({ cert: other.certificate, key: other.privateKey }))
      renegotiate(socket)
    },
    /^502 upstream-protocol$/,
  ],
  'within the body of its answer': [
    (socket) =>
      void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc', () => {
        renegotiate(socket)
        socket.write('def')
      }),
    /^(200 abcdef|broken)$/,
  ],
  'and leaves the rest of its answer out': [
    (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc', () => renegotiate(socket)),
    /^broken$/,
  ],
  'behind its answer': [(socket, own) => void socket.write(sound(own), () => renegotiate(socket)), /^200 OWN$/],
  'over and over': [
    (socket) => {
      for (let times = 0; times < 8; times++) {
        renegotiate(socket)
        socket.write('')
      }
    },
    /^502 upstream-protocol$/,
  ],
}
const scripts = new Map(Object.values(backendCases).map(([script], at) => [String(at), script] as const))

/**
 * Speaks HTTP/2, and begins another handshake where the path ends so. Its TLS is kept apart from its HTTP/2, since Node
 * writes to a connection to renegotiate, which must not happen below a session.
 */
async function startModernBackend({ certificate, privateKey }: Leaf) {
  const sessions = createHttp2Server()
  const sockets = new Set<TLSSocket>()
  const server = createTlsServer({ cert: certificate, key: privateKey, ALPNProtocols: ['h2'], ...old }, (socket) => {
    const [inside, outside] = duplexPair()
    sockets.add(socket)
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    socket.pipe(inside).pipe(socket)
    sessions.emit('connection', outside)
  })
  sessions.on('sessionError', () => {})
  sessions.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    if (headers[':path']?.endsWith('/again')) for (const socket of sockets) renegotiate(socket)
    else {
      stream.respond({ ':status': 200 })
      stream.end('ok')
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { address, port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { address, port, close }
}

/** Where a client does so. */
const listeners: Readonly<Record<string, 'Off' | 'Request'>> = { https: 'Off', mutual: 'Request' }

describe('attack: renegotiation', () => {
  let authority: Authority
  let client: Leaf
  let faulty: FaultyBackend
  let modern: Awaited<ReturnType<typeof startModernBackend>>
  let served: ServedDataplane

  const secret = (name: string, { certificate: chain, privateKey }: Leaf): Resource => ({
    kind: 'certificate',
    name: `shop/${name}`,
    spec: { chain, privateKey },
  })

  async function resources(): Promise<Resource[]> {
    const tls = { hostname: 'orders.internal', trust: 'shop/ca', subjectAltNames: [], clientCertificate: null }
    const secure = Object.entries(listeners).map(([name, mode]) => {
      const clientCertificate = { mode, trust: mode === 'Off' ? null : 'shop/ca' }
      const terms = { certificates: ['shop/api'], minVersion: 'TLS1_2' as const, clientCertificate }
      return [name, { protocol: 'HTTPS' as const, tls: terms }] as const
    })
    return [
      installationResource(),
      ...listenersApart({ http: {}, ...Object.fromEntries(secure) }),
      policyResource(),
      { kind: 'trust', name: 'shop/ca', spec: { anchors: [authority.certificate] } },
      secret('api', await authority.leaf({ dnsNames: [host] })),
      ...upstreamResources('faulty', [faulty], { tls, authority: 'orders.internal' }),
      ...upstreamResources('modern', [modern], { tls, authority: 'orders.internal', protocol: 'HTTP2' }),
      routeResource(
        [ruleTo('modern', { name: 'modern', matches: under('/modern') }), ruleTo('faulty', { name: 'faulty' })],
        { listeners: ['http', ...Object.keys(listeners)], hostnames: [host] },
      ),
    ]
  }

  beforeAll(async () => {
    authority = await createAuthority()
    const leaf = await authority.leaf({ dnsNames: ['orders.internal'] })
    other = await authority.leaf({ dnsNames: ['evil.internal'] })
    client = await authority.leaf({ commonName: 'client', usages: ['clientAuth'] })
    faulty = await startFaultyBackend(scripts, { cert: leaf.certificate, key: leaf.privateKey, ...old })
    modern = await startModernBackend(leaf)
    served = await startServedDataplane(
      (await resources()).map((one) => seal(one)),
      attackedEntry,
    )
  })
  afterAll(async () => {
    await served.close()
    await faulty.close()
    await modern.close()
  })

  async function ask(path: string, over: Parameters<typeof request>[1] = {}): Promise<string> {
    const { responses } = await sendRaw(await served.process.listener('http'), request(path, over), { responses: 1 })
    const [response] = responses
    if (response === undefined || !response.complete) return 'broken'
    const { status, body } = response
    if (status === 200) return `200 ${body.toString()}`
    const { type } = JSON.parse(body.toString()) as { readonly type: string }
    return `${status} ${type.replace('urn:gatehouse:problem:', '')}`
  }

  let asked = 0
  const own = (): string => `own${++asked}`

  /** A connection that is on its way to its end may still take one of them with it. */
  async function othersAreServed(): Promise<void> {
    await expect
      .poll(async () => {
        const names = Array.from({ length: 4 }, own)
        const answers = await Promise.all(names.map((name) => ask(`/faulty/sound/${name}`)))
        return answers.every((answer, index) => answer === `200 ${names[index]}`)
      })
      .toBe(true)
  }

  describe('a backend that asks for another handshake', () => {
    it.each(Object.keys(backendCases))('%s', async (name) => {
      const [, sees] = backendCases[name]!
      const mine = own()
      const answer = await ask(`/faulty/${Object.keys(backendCases).indexOf(name)}/${mine}`)
      expect(answer.replace(mine, 'OWN')).toMatch(sees)
      await othersAreServed()
      expect(finished).toBe(0)
    })

    it('over HTTP/2', async () => {
      expect(await ask('/modern/before')).toBe('200 ok')
      expect(await ask('/modern/again')).toBe('502 upstream-protocol')
      expect(await ask('/modern/after')).toBe('200 ok')
      const body = 'b'.repeat(1_000_000)
      expect(await ask('/modern/again', { method: 'POST', body })).toMatch(/^(502 upstream-protocol|broken)$/)
      expect(await ask('/modern/after', { method: 'POST', body })).toBe('200 ok')
      expect(finished).toBe(0)
    })
  })

  describe.each(Object.keys(listeners))('a client of the listener %s', (listener) => {
    const get = request('/faulty/sound/mine')

    async function connect(over: ConnectionOptions = {}): Promise<TLSSocket> {
      const { address, port } = await served.process.listener(listener)
      const tls = { ca: authority.certificate, servername: host, ...old }
      const socket = connectTls({ host: address, port, ...tls, ...over })
      await once(socket, 'secureConnect')
      return socket
    }

    it('gets no other handshake', async () => {
      const socket = await connect()
      socket.write(get)
      await once(socket, 'data')
      const refused = once(socket, 'error')
      renegotiate(socket)
      expect(await refused).toMatchObject([{ code: 'ERR_SSL_NO_RENEGOTIATION' }])
      socket.destroy()
      expect(finished).toBe(0)
      await othersAreServed()
    })

    it('cannot become another', async () => {
      const socket = await connect()
      const refused = once(socket, 'error')
      socket.setKeyCert(createSecureContext({ cert: client.certificate, key: client.privateKey }))
      renegotiate(socket)
      expect(await refused).toMatchObject([{ code: 'ERR_SSL_NO_RENEGOTIATION' }])
      socket.destroy()
      expect(finished).toBe(0)
    })

    it.each<Wanted['protocol']>(['http/1.1', 'h2'])(
      'that ignores the answer and begins handshakes without end is cut off: %s',
      async (protocol) => {
        const loose = await connectLoosely(await served.process.listener(listener), { serverName: host, protocol })
        const { socket } = loose
        const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'
        socket.write(loose.record(contentType.data, Buffer.from(protocol === 'h2' ? preface : get, 'latin1')))
        await once(socket, 'data')
        const closed = new Promise((resolve) => socket.once('close', resolve))
        for (let times = 0; times < 10; times++) socket.write(loose.record(contentType.handshake, loose.hello()))
        await closed
        await othersAreServed()
      },
    )
  })
})
