import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { closeCode, lastGoodOf, pushProtocol, type ObjectName, type Snapshot } from '@gatehouse/contract'
import { WebSocketServer } from 'ws'
import type { Authenticate } from './authenticate.ts'
import type { Authority } from './authority.ts'
import { isDataplane } from './peer.ts'
import { Publications } from './publications.ts'
import { Session, type SessionContext } from './session.ts'
import type { SessionState } from './sessions.ts'
import type { Signer } from './signer.ts'

/** What this end presents and trusts on the push channel, as PEM. */
export interface PushCredentials {
  /** Certificate authorities of the push channel; nothing else is trusted. */
  readonly ca: string
  readonly certificate: string
  readonly privateKey: string
  /** Signs what is published. */
  readonly signer: Signer
}

export interface PushOptions {
  readonly installation: ObjectName
  readonly address: string
  /** 0 = a free one. */
  readonly port: number
  readonly credentials: PushCredentials
  readonly authority: Authority
  /** Null = a certificate is enough. */
  readonly authenticate: Authenticate | null
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Called when a data plane's token is refused, with the error when it could not be checked. */
  readonly unauthenticated: (instance: string, error: unknown) => void
  /** Called when a data plane comes, goes, acknowledges or refuses. */
  readonly changed: () => void
  /** Called when a revision is too large to be sent. */
  readonly oversize: (revision: string) => void
  readonly pingInterval?: number
  readonly resendDelay?: number
  /** Milliseconds in which a data plane must answer an update; default a minute. */
  readonly answerTimeout?: number
  /** At once, also those that have shown no certificate yet; what comes beyond is closed. */
  readonly maxConnections?: number
}

/** The longest that a publication stands before it is stated anew, in milliseconds. */
const renewal = 300_000

/** Many times a fleet, and a fraction of the memory that a controller has. */
const defaultConnections = 4096

/** The largest message of a data plane, in bytes: an ack with a thousand refusals. */
const maxReceived = 4 * 1024 * 1024

const refuseUpgrade = (socket: Duplex, status: string): void => {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/**
 * Serves snapshots to the data planes of one installation, over TLS 1.3 with certificates on both sides (M21), as long as
 * this controller leads.
 */
export class PushServer {
  readonly #options: PushOptions
  readonly #server: Server
  readonly #sockets: WebSocketServer
  readonly #publications: Publications
  readonly #sessions = new Set<Session>()
  #renewal: NodeJS.Timeout | null = null
  #ended: Promise<void> | null = null

  private constructor(options: PushOptions) {
    this.#options = options
    const { installation, authority, now, credentials } = options
    const name = `${installation.namespace}/${installation.name}`
    this.#publications = new Publications({ installation: name, authority, now, signer: credentials.signer })
    this.#server = createServer({
      ...tlsOptions(options.credentials),
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
      handshakeTimeout: 10_000,
    })
    this.#server.maxConnections = options.maxConnections ?? defaultConnections
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: maxReceived,
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has(pushProtocol) ? pushProtocol : false),
    })
    this.#server.on('secureConnection', (socket) => this.#admitPeer(socket))
    this.#server.on('request', (_request, response) => response.writeHead(426, { connection: 'close' }).end())
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  /** @throws the socket's error when the address cannot be listened on */
  static async listen(options: PushOptions): Promise<PushServer> {
    const server = new PushServer(options)
    server.#server.listen(options.port, options.address)
    await once(server.#server, 'listening')
    // A failing accept, as for want of descriptors, is tried again by the system; it must not end the process.
    server.#server.on('error', () => {})
    return server
  }

  /** The port that is listened on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** The newest snapshot, whether or not this controller may send it; null before the first. */
  get newest(): Snapshot | null {
    return this.#publications.newest
  }

  /** The resources of a revision that was published, by key; null when it is no longer remembered. */
  contentOf(revision: string): Snapshot['resources'] | null {
    return this.#publications.find(revision)?.resources ?? null
  }

  /**
   * Makes this the snapshot that every data plane is to have. A new leader must publish once more, after it has listed the
   * cluster; nothing is sent in its term before.
   *
   * @returns false when it is in force already, or this controller does not lead
   */
  publish(snapshot: Snapshot): boolean {
    const added = this.#publications.add(snapshot)
    if (added) this.#send()
    return added
  }

  /** To be called when this process begins or ceases to lead: one that does not lead has no sessions. */
  authorityChanged(): void {
    if (this.#publications.leads) return
    for (const session of this.#sessions) session.close(closeCode.notLeader)
  }

  /** The connected data planes that have said hello. */
  sessions(): readonly SessionState[] {
    return [...this.#sessions].flatMap((session) => session.state ?? [])
  }

  /** New connections and publications use these; sessions that are open stay. */
  replaceCredentials(credentials: PushCredentials): void {
    this.#server.setSecureContext({ ...tlsOptions(credentials), minVersion: 'TLSv1.3' })
    this.#publications.replaceSigner(credentials.signer)
    this.#renew()
  }

  /** Ends all sessions. Called again, it waits for the same end. */
  async close(): Promise<void> {
    this.#ended ??= this.#end()
    await this.#ended
  }

  async #end(): Promise<void> {
    if (this.#renewal !== null) clearTimeout(this.#renewal)
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const session of this.#sessions) session.close(closeCode.shuttingDown)
    const force = setTimeout(() => {
      for (const session of this.#sessions) session.terminate()
      this.#server.closeAllConnections()
    }, 1000)
    await closed
    clearTimeout(force)
  }

  #send(): void {
    if (this.#ended !== null) return
    for (const session of this.#sessions) session.push()
    if (this.#renewal !== null) clearTimeout(this.#renewal)
    this.#renewal = setTimeout(() => this.#renew(), this.#standing())
  }

  // What stands unchanged is stated anew, so that its age tells how long a data plane has been cut off.
  #renew(): void {
    if (this.#publications.renew()) this.#send()
  }

  /** Milliseconds that the newest snapshot may stand: no data plane must take it for too old meanwhile. */
  #standing(): number {
    const { newest } = this.#publications
    const maxAge = newest === null ? 0 : lastGoodOf(newest).maxAge
    return maxAge === 0 ? renewal : Math.max(100, Math.min(renewal, maxAge / 3))
  }

  // A peer of another role or installation is cut off before it can send a request.
  #admitPeer(socket: TLSSocket): void {
    if (!isDataplane(this.#options.installation, socket.getPeerCertificate())) socket.destroy()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const { installation } = this.#options
    if (!(socket instanceof TLSSocket) || !isDataplane(installation, socket.getPeerCertificate())) {
      return refuseUpgrade(socket, '403 Forbidden')
    }
    if (!(request.headers['sec-websocket-protocol'] ?? '').split(/, */).includes(pushProtocol)) {
      return refuseUpgrade(socket, '400 Bad Request')
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate())
      if (!this.#publications.leads) return webSocket.close(closeCode.notLeader)
      const session = new Session(webSocket, this.#context())
      this.#sessions.add(session)
      webSocket.on('close', () => {
        this.#sessions.delete(session)
        this.#options.changed()
      })
    })
  }

  #context(): SessionContext {
    const {
      pingInterval = 10_000,
      resendDelay = 1000,
      answerTimeout = 60_000,
      changed,
      oversize,
      authenticate,
      unauthenticated,
    } = this.#options
    return {
      publications: this.#publications,
      authenticate,
      unauthenticated,
      pingInterval,
      resendDelay,
      answerTimeout,
      oversize,
      changed: (session) => {
        this.#replaceNamesake(session)
        changed()
      },
    }
  }

  // A data plane that lost its connection comes back before the old one is noticed to be dead.
  #replaceNamesake(session: Session): void {
    for (const other of this.#sessions) {
      if (other !== session && other.state !== null && other.state.instance === session.state?.instance) {
        this.#sessions.delete(other)
        other.terminate()
      }
    }
  }
}

const tlsOptions = ({ ca, certificate, privateKey }: PushCredentials) => ({ ca, cert: certificate, key: privateKey })
