import { connect as connectHttp2, constants, type ClientHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Clock } from '../clock.ts'
import type { Connections, ResponseHandler, UpstreamRequest } from './connections.ts'
import type { Dial } from './dial.ts'
import { Http2Request, type StreamEnd, type Waiting } from './http2Request.ts'

/** What was to speak HTTP/2 does not. */
export class NoHttp2 extends Error {}

export interface Http2Options {
  readonly dial: Dial
  /** Whether the connections are under TLS, where the upstream has to choose h2 (RFC 9113 3.2). */
  readonly secure: boolean
  /** How long an upstream may take to say what it allows once the connection stands, in milliseconds. */
  readonly timeout: number
  readonly clock: Clock
}

/** Most connections to one address. */
const maxSessions = 64
/** Most streams of one connection, whatever the upstream allows. */
const maxStreams = 256
/** How many requests are expected to fit on a connection of which it is not known yet (RFC 9113 6.5.2 asks for so many). */
const usualStreams = 100
/** A connection without streams is closed after this long, in milliseconds. */
const idleLife = 30_000
/** How long a connection that should have said something may say nothing before no new request is given to it. */
const suspiciousSilence = 1_000
/** How often a request is sent again that upstreams gave back unseen. */
const maxRefused = 2
/** Of a connection; a stream's is the protocol's 64 KiB, so that a slow reader holds no more than that. */
const connectionWindow = 1024 * 1024
/** MiB that one connection may hold. */
const sessionMemory = 64

interface Session {
  readonly session: ClientHttp2Session
  streams: number
  /** Whether it takes no new requests. */
  leaving: boolean
  /** Monotonic time of the last sign of life. */
  heard: number
  idle: NodeJS.Timeout | null
}

/**
 * Connections to one address that speak HTTP/2, each with many requests. A request that an upstream gives back unseen,
 * as when it closes a connection, goes to another connection (RFC 9113 6.8, 8.7).
 */
export class Http2Connections implements Connections {
  readonly #options: Http2Options
  readonly #sessions = new Set<Session>()
  readonly #waiting: Waiting[] = []
  #connecting = 0
  #running = 0
  #closed = false
  #emptied: (() => void) | null = null

  constructor(options: Http2Options) {
    this.#options = options
  }

  get closed(): boolean {
    return this.#closed
  }

  get stats(): { readonly connected: number } {
    return { connected: this.#sessions.size }
  }

  dispatch(request: UpstreamRequest, handler: ResponseHandler): void {
    if (this.#closed) {
      handler.onResponseError(null, closedError())
      return
    }
    if (request.upgrade != null) handler.onResponseError(null, notSupported())
    else this.#enter({ request, handler, refused: 0 })
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#running + this.#waiting.length > 0) await new Promise<void>((resolve) => (this.#emptied = resolve))
    for (const { session } of this.#sessions) session.close()
  }

  destroy(): Promise<void> {
    this.#closed = true
    this.#refuseWaiting(closedError())
    for (const { session } of this.#sessions) session.destroy(closedError())
    return Promise.resolve()
  }

  #enter(waiting: Waiting): void {
    const session = this.#roomy()
    if (session !== null) {
      this.#start(session, waiting)
      return
    }
    this.#waiting.push(waiting)
    const expected = this.#connecting * usualStreams
    if (this.#waiting.length > expected && this.#sessions.size + this.#connecting < maxSessions) void this.#connect()
  }

  /** The connection with the most streams that has room: so that those which are no longer needed become idle. */
  #roomy(): Session | null {
    let found: Session | null = null
    for (const one of this.#sessions) {
      if (one.leaving || one.streams >= capacityOf(one)) continue
      if (found === null || one.streams > found.streams) found = one
    }
    return found
  }

  #start(session: Session, waiting: Waiting): void {
    if (session.idle !== null) clearTimeout(session.idle)
    session.idle = null
    session.streams++
    this.#running++
    const opened = this.#options.clock.monotonic()
    const scheme = this.#options.secure ? 'https' : 'http'
    const owner = {
      heard: () => void (session.heard = this.#options.clock.monotonic()),
      ended: (end: StreamEnd) => this.#ended(session, waiting, { end, opened }),
    }
    try {
      new Http2Request(session.session, scheme, waiting, owner)
    } catch (error) {
      waiting.handler.onResponseError(null, error instanceof Error ? error : closedError())
      this.#ended(session, waiting, { end: 'done', opened })
    }
  }

  #ended(session: Session, waiting: Waiting, { end, opened }: { readonly end: StreamEnd; readonly opened: number }) {
    session.streams--
    this.#running--
    const now = this.#options.clock.monotonic()
    // It may be dead without anybody having told: TCP alone notices only after minutes.
    const silent = session.heard <= opened && now - opened >= suspiciousSilence
    if (end === 'abandoned' && silent) session.leaving = true
    if (end === 'refused') {
      session.leaving = true
      waiting.refused++
      if (waiting.refused <= maxRefused) this.#enter(waiting)
      else waiting.handler.onResponseError(null, refusedError())
    }
    if (session.streams === 0) this.#rest(session)
    this.#proceed()
  }

  /** A connection without streams. */
  #rest(one: Session): void {
    if (one.leaving || this.#closed) one.session.close()
    else one.idle = setTimeout(() => one.session.close(), idleLife).unref()
  }

  /** Gives waiting requests to connections with room. */
  #proceed(): void {
    while (this.#waiting.length > 0) {
      const session = this.#roomy()
      if (session === null) break
      this.#start(session, this.#waiting.shift()!)
    }
    if (this.#running + this.#waiting.length === 0) this.#emptied?.()
  }

  async #connect(): Promise<void> {
    this.#connecting++
    try {
      const session = this.#speaking(await this.#options.dial())
      await greeted(session, this.#options.timeout)
      this.#connecting--
      if (this.#closed && this.#waiting.length === 0) session.destroy()
      else this.#add(session)
    } catch (error) {
      this.#connecting--
      if (this.#connecting === 0 && this.#sessions.size === 0)
        this.#refuseWaiting(error instanceof Error ? error : closedError())
    }
    this.#proceed()
  }

  #speaking(socket: Socket): ClientHttp2Session {
    if (this.#options.secure && (!(socket instanceof TLSSocket) || socket.alpnProtocol !== 'h2')) {
      socket.destroy()
      throw new NoHttp2('the upstream does not speak HTTP/2')
    }
    return connectHttp2(`${this.#options.secure ? 'https' : 'http'}://upstream`, {
      createConnection: () => socket,
      settings: { enablePush: false },
      maxSessionMemory: sessionMemory,
    })
  }

  #add(session: ClientHttp2Session): void {
    const { clock } = this.#options
    const one: Session = { session, streams: 0, leaving: false, heard: clock.monotonic(), idle: null }
    this.#sessions.add(one)
    session.setLocalWindowSize(connectionWindow)
    session.on('remoteSettings', () => this.#proceed())
    session.on('goaway', () => {
      one.leaving = true
      if (one.streams === 0) session.close()
    })
    session.once('close', () => {
      one.leaving = true
      if (one.idle !== null) clearTimeout(one.idle)
      this.#sessions.delete(one)
      this.#proceed()
      if (this.#waiting.length > 0 && this.#sessions.size + this.#connecting === 0) void this.#connect()
    })
  }

  #refuseWaiting(error: Error): void {
    for (const { handler } of this.#waiting.splice(0)) handler.onResponseError(null, error)
    if (this.#running === 0) this.#emptied?.()
  }
}

/** Until an upstream has said what it allows, whatever is too much for it would be refused. */
function greeted(session: ClientHttp2Session, timeout: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (): void => {
      clearTimeout(deadline)
      session.destroy()
      reject(new NoHttp2('the upstream does not speak HTTP/2'))
    }
    const deadline = setTimeout(failed, timeout)
    session.on('error', ignore)
    session.once('close', failed)
    session.once('remoteSettings', () => {
      clearTimeout(deadline)
      session.off('close', failed)
      resolve()
    })
  })
}

const capacityOf = ({ session }: Session): number =>
  session.destroyed || session.closed
    ? 0
    : Math.min(session.remoteSettings.maxConcurrentStreams ?? maxStreams, maxStreams)

const ignore = (): void => {}

const closedError = (): Error =>
  Object.assign(new Error('the connections have been closed'), { code: 'UND_ERR_DESTROYED' })
/** WebSockets over HTTP/2 (RFC 8441) are not spoken. */
const notSupported = (): Error => Object.assign(new Error('no stream leaves HTTP/2'), { code: 'UND_ERR_NOT_SUPPORTED' })
const refusedError = (): Error =>
  Object.assign(new Error('the upstream refused the request'), { http2ErrorCode: constants.NGHTTP2_REFUSED_STREAM })
