import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import type { Resource, ResourceSpec } from '@gatehouse/contract'
import { beforeAll } from 'vitest'
import type { ConnectionFacts } from '../../../dataplane/src/gateway/facts.ts'
import { createAuthority, type Authority, type Leaf } from '../../support/authority.ts'
import { sendRaw } from '../../support/raw.ts'
import { listenerResource } from '../../support/resources.ts'
import type { Fixture, Wishes } from './fixture.ts'
import { head, keeper } from './keeper.ts'

type Tls = NonNullable<ResourceSpec<'listener'>['tls']>

/** Everybody's certificates, made once. */
export interface Identities {
  readonly servers: Authority
  readonly clients: Authority
  /** An authority that nobody trusts unless a test says so. */
  readonly others: Authority
  readonly api: Leaf
  readonly wild: Leaf
  readonly client: Leaf
}

async function createIdentities(): Promise<Identities> {
  const servers = await createAuthority('servers')
  const clients = await createAuthority('clients')
  return {
    servers,
    clients,
    others: await createAuthority('others'),
    api: await servers.leaf({ dnsNames: ['api.shop.example'] }),
    wild: await servers.leaf({ dnsNames: ['*.shop.example'] }),
    client: await clients.leaf({
      usages: ['clientAuth'],
      uris: ['spiffe://cluster.local/ns/shop/sa/orders'],
      dnsNames: ['Orders.shop.svc'],
    }),
  }
}

export const certificate = (name: string, { certificate: chain, privateKey }: Leaf): Resource => ({
  kind: 'certificate',
  name,
  spec: { chain, privateKey },
})

export const trust = (name: string, ...anchors: string[]): Resource => ({ kind: 'trust', name, spec: { anchors } })

/** An HTTPS listener that presents `shop/api`. */
export const listener = (name: string, hostname: string | null, tls: Partial<Tls>): Resource =>
  listenerResource(
    {
      protocol: 'HTTPS',
      hostname,
      tls: {
        certificates: ['shop/api'],
        minVersion: 'TLS1_2',
        clientCertificate: { mode: 'Off', trust: null },
        ...tls,
      },
    },
    name,
  )

/** Client certificates of the trust `shop/clients`. */
export const asking = (mode: 'Request' | 'Require'): Partial<Tls> => ({
  clientCertificate: { mode, trust: 'shop/clients' },
})

export const presenting = ({ certificate: cert, privateKey: key }: Leaf): ConnectionOptions => ({ cert, key })

export const request = (host = 'api.shop.example'): string => head('GET', '/').replace('api.shop.example', host)

/** The status that a request gets on a connection that is already open. */
export const statusOn = (socket: TLSSocket): Promise<number> =>
  new Promise((resolve) => {
    socket.once('data', (chunk: Buffer) => resolve(Number(chunk.toString('latin1', 9, 12))))
    socket.write(request())
  })

/** The names of the certificate that a client is presented. */
export const subjectOf = (fixture: Fixture, servername: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { address, port } = fixture
    const socket = connectTls({ host: address, port, servername, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subjectaltname ?? '')
      socket.destroy()
    })
    socket.on('error', reject)
  })

/** Data planes with TLS, and clients of theirs. */
export function tlsKeeper() {
  const { keep, backend, start: startFixture } = keeper()
  const identities = {} as { -readonly [K in keyof Identities]: Identities[K] }
  beforeAll(async () => {
    Object.assign(identities, await createIdentities())
  })
  const get = (fixture: Fixture, tls: ConnectionOptions, host?: string) =>
    sendRaw(fixture, request(host), {
      responses: 1,
      tls: {
        ca: identities.servers.certificate,
        servername: 'api.shop.example',
        checkServerIdentity: () => undefined,
        ...tls,
      },
    })
  return {
    keep,
    get,
    identities,
    /** What becomes of a client that connects and sends a request. */
    attempt: async (fixture: Fixture, tls: ConnectionOptions): Promise<number | 'refused'> => {
      try {
        const { responses } = await get(fixture, tls)
        return responses[0]?.status ?? 'refused'
      } catch {
        return 'refused'
      }
    },
    /** Opens a connection for {@link statusOn}. */
    open: ({ address: host, port }: Fixture, tls: ConnectionOptions = {}): Promise<TLSSocket> => {
      const ca = identities.servers.certificate
      const socket = connectTls({ host, port, ca, servername: 'api.shop.example', ...tls })
      return keep({ socket, close: async () => void socket.destroy() }).then(() => socket)
    },
    /** A data plane, and the facts of the connection of its newest request. */
    start: async (listeners: readonly Resource[], over: Partial<Wishes> = {}) => {
      const target = await backend()
      let facts: ConnectionFacts | null = null
      const wishes = (resources: readonly Resource[]): Wishes => ({
        targets: [target],
        listeners: resources,
        around: (raw, admit) => {
          facts = raw.connection
          return admit()
        },
        ...over,
      })
      const fixture = await startFixture(wishes(listeners))
      return {
        fixture,
        target,
        apply: (resources: readonly Resource[]) => fixture.apply(wishes(resources)),
        facts: () => facts,
      }
    },
  }
}
