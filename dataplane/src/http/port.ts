import type { AddressInfo, Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../clock.ts'
import type { ConnectionFacts } from '../gateway/facts.ts'
import { createSelector, type Presentable, type Selector } from '../gateway/serverName.ts'
import type { Connection, Protocol, ServerState, Sockets } from './connection.ts'
import { Doorway, type DoorRefusal, type DoorRules, type Peer } from './doorway.ts'
import { greet } from './greeting.ts'
import { Http1 } from './http1.ts'
import { Http2 } from './http2.ts'
import { defaultLimits, type ConnectionLimits } from './limits.ts'
import { awaitPreface, type HttpVersion } from './preface.ts'
import { answerReserved, reservedApp } from './reserved.ts'
import type { Service } from './service.ts'
import { Stillness } from './stillness.ts'
import type { TlsListener } from './tlsListener.ts'

/** A listener of a port. All listeners of one port speak TLS, or none does. */
export interface PortListener {
  readonly name: string
  /** Exact or `*.` wildcard; null = every host. */
  readonly hostname: string | null
  readonly certificates: readonly Presentable[]
  readonly tls: TlsListener | null
  readonly door: DoorRules
}

/** How often a port that closes looks at its connections, in milliseconds. */
const closingInterval = 100

/** One listening socket and its connections. */
export class Port {
  readonly #name: string
  readonly #state: ServerState = { draining: false }
  readonly #transports = new Set<Socket>()
  /** Those whose handshake is done. */
  readonly #connections = new WeakMap<Socket, Connection>()
  readonly #doorway: Doorway
  readonly #protocols: { readonly [V in HttpVersion]: Protocol }
  readonly #app: FastifyInstance
  readonly #limits: ConnectionLimits
  readonly #clock: Clock
  readonly #unread = new Stillness()
  readonly #unasked = new Stillness()
  #sweeper: NodeJS.Timeout
  #closed: Promise<void> | null = null
  /** Hashes of the client CAs, by listener. */
  #trusts: ReadonlyMap<string, string | null>
  #first: string
  #select: Selector<PortListener>

  /** @param name - of the socket, see `socketOf` */
  constructor(service: Service, name: string, listeners: readonly PortListener[], secure: boolean) {
    this.#name = name
    this.#first = listeners[0]?.name ?? ''
    this.#select = createSelector(listeners)
    this.#trusts = trustsOf(listeners)
    this.#limits = service.limits ?? defaultLimits
    this.#clock = service.clock
    this.#sweeper = setInterval(() => this.#sweep(), this.#limits.checkInterval).unref()
    this.#doorway = new Doorway(doorsOf(listeners), this.#limits.handshakeTimeout)
    const http1 = new Http1(service, this.#state)
    const http2 = new Http2(service)
    this.#protocols = { 'HTTP/1.1': http1, 'HTTP/2': http2 }
    this.#app = reservedApp(
      (delegate) => {
        http1.reserve(delegate)
        return http1.server
      },
      (request) => http1.idOf(request),
    )
    http2.reserve((...asked) => answerReserved(this.#app, ...asked))
    this.#receive(secure)
  }

  /** @throws the operating system's error when the address cannot be bound */
  async open(address: string, port: number): Promise<void> {
    await this.#app.listen({ host: address, port })
    // A failing accept, as for want of descriptors, is tried again by the system; it must not end the process.
    this.#app.server.on('error', () => {})
  }

  /** What the operating system gave. */
  bound(): { readonly address: string; readonly port: number } {
    const bound: AddressInfo | string | null = this.#app.server.address()
    return bound === null || typeof bound === 'string' ? { address: '', port: 0 } : bound
  }

  /**
   * New connections see these listeners; those that exist keep what they have. Where other client CAs are trusted now, a
   * client that has shown no certificate may have one: its connection ends with its next response.
   */
  update(listeners: readonly PortListener[]): void {
    this.#first = listeners[0]?.name ?? ''
    this.#select = createSelector(listeners)
    this.#doorway.update(doorsOf(listeners))
    const trusts = trustsOf(listeners)
    if (sameEntries(trusts, this.#trusts)) return
    this.#trusts = trusts
    for (const connection of this.#connected()) {
      const { listener, trustHash, clientCertificate } = connection.facts
      if (clientCertificate !== null || trusts.get(listener) === trustHash) continue
      connection.outdate()
    }
  }

  /** How many connections there are, also those that have not finished their handshake. */
  connections(): number {
    return this.#transports.size
  }

  /** How many connections were not let in, by reason. */
  refused(): ReadonlyMap<DoorRefusal, number> {
    return this.#doorway.refused()
  }

  /**
   * Takes no new connections, lets every response end its connection, ends those on which nothing is asked any more, and
   * after `grace` milliseconds all. Called again, it can only end sooner.
   */
  async close(grace: number): Promise<void> {
    const deadline = setTimeout(() => this.#cut(), grace)
    this.#closed ??= this.#leave()
    await this.#closed
    clearTimeout(deadline)
  }

  async #leave(): Promise<void> {
    this.#state.draining = true
    for (const connection of this.#connected()) connection.conclude()
    clearInterval(this.#sweeper)
    this.#sweeper = setInterval(() => this.#sweep(), Math.min(closingInterval, this.#limits.checkInterval))
    await this.#app.close()
    clearInterval(this.#sweeper)
  }

  *#connected(): Iterable<Connection> {
    for (const transport of this.#transports) {
      const connection = this.#connections.get(transport)
      if (connection !== undefined) yield connection
    }
  }

  #cut(): void {
    // With a reset, so that the client cannot take what it has for the whole.
    for (const transport of this.#transports) transport.resetAndDestroy()
  }

  #sweep(): void {
    const now = this.#clock.monotonic()
    const { unreadTimeout, farewellTimeout } = this.#limits
    for (const transport of this.#transports) {
      const connection = this.#connections.get(transport)
      for (const written of connection?.written() ?? []) {
        if (this.#unread.lasted(written, written.unread, now) >= unreadTimeout) written.reset()
      }
      connection?.look(now)
      if (!this.#state.draining) continue
      const asked = this.#asked(transport)
      if (this.#unasked.lasted(transport, asked, now) < farewellTimeout) continue
      // After a look at the network: a timer that is late runs before what has arrived meanwhile is read.
      setImmediate(() => this.#end(transport, asked))
    }
  }

  #asked(transport: Socket): number | null {
    const connection = this.#connections.get(transport)
    return connection === undefined ? transport.bytesRead : connection.unasked()
  }

  /** Ends a connection unless something has been asked. */
  #end(transport: Socket, asked: number | null): void {
    if (this.#asked(transport) !== asked) return
    const connection = this.#connections.get(transport)
    if (connection === undefined) transport.destroy()
    else connection.end()
  }

  /** Puts registration, and TLS where there is some, between the listening socket and HTTP. */
  #receive(secure: boolean): void {
    const serve = (version: HttpVersion, sockets: Sockets, facts: ConnectionFacts): void => {
      this.#connections.set(sockets.transport, this.#protocols[version].accept(facts, sockets))
    }
    this.#app.server.on('connection', (transport: Socket) => {
      this.#transports.add(transport)
      transport.once('close', () => this.#transports.delete(transport))
      this.#doorway.enter(transport, (peer) => {
        if (secure) this.#greet(transport, peer, serve)
        else {
          const facts = this.#plainFacts(peer)
          awaitPreface(transport, this.#limits.headersTimeout, (version) =>
            serve(version, { socket: transport, transport }, facts),
          )
        }
      })
    })
  }

  #greet(
    transport: Socket,
    { address, announced }: Peer,
    serve: (version: HttpVersion, sockets: Sockets, facts: ConnectionFacts) => void,
  ): void {
    transport.on('error', () => transport.destroy())
    greet(transport, this.#limits.handshakeTimeout, (serverName) => {
      const selection = this.#select(serverName)
      const { tls, name } = selection?.listener ?? { tls: null, name: '' }
      if (selection === null || selection.certificate === null || tls === null) {
        transport.destroy()
        return
      }
      const known = {
        listener: name,
        socket: this.#name,
        scheme: 'https',
        peerAddress: address,
        announced,
        serverName: canonical(serverName),
      } as const
      tls.accept(transport, selection.certificate, (socket, facts) =>
        serve(socket.alpnProtocol === 'h2' ? 'HTTP/2' : 'HTTP/1.1', { socket, transport }, { ...known, ...facts }),
      )
    })
  }

  /** Without TLS nothing tells the listeners of a port apart before the first request. */
  #plainFacts({ address, announced }: Peer): ConnectionFacts {
    return {
      listener: this.#select(null)?.listener.name ?? this.#first,
      socket: this.#name,
      scheme: 'http',
      peerAddress: address,
      announced,
      serverName: null,
      clientCertificate: null,
      certificate: null,
      trustHash: null,
    }
  }
}

const trustsOf = (listeners: readonly PortListener[]): ReadonlyMap<string, string | null> =>
  new Map(listeners.map(({ name, tls }) => [name, tls?.trustHash ?? null]))

const doorsOf = (listeners: readonly PortListener[]): readonly DoorRules[] => listeners.map(({ door }) => door)

const sameEntries = (a: ReadonlyMap<string, string | null>, b: ReadonlyMap<string, string | null>): boolean =>
  a.size === b.size && [...a].every(([key, value]) => b.get(key) === value)

const canonical = (serverName: string | null): string | null => serverName?.toLowerCase().replace(/\.$/, '') ?? null
