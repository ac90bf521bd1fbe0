import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { systemClock } from '../clock.ts'
import type { RequestControl, ResponseFields, ResponseHandler, UpstreamRequest } from './connections.ts'
import { open } from './dial.ts'
import { Http2Connections } from './http2Connections.ts'

/** Upstreams that speak HTTP/2: Node's own server, and one that says frames which no good server says. */

export interface Http2Upstream {
  readonly server: Http2Server
  readonly sessions: ServerHttp2Session[]
  readonly connections: Http2Connections
  /** Codes with which streams were reset, by path. */
  readonly resets: Map<string, number | undefined>
}

const closing: (() => Promise<void>)[] = []

/** Ends every upstream; for `afterEach`. */
export async function closeUpstreams(): Promise<void> {
  for (const close of closing.splice(0)) await close()
}

/** @param accepted - what the server has accepted, which is ended with it */
async function connectionsTo(server: Server, accepted: readonly (ServerHttp2Session | Socket)[]) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const dial = () => open({ address: '127.0.0.1', port, tls: null }, 5000)
  const connections = new Http2Connections({ dial, secure: false, timeout: 5000, clock: systemClock })
  closing.push(async () => {
    await connections.destroy()
    for (const one of accepted) one.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return connections
}

export async function http2Upstream(
  answer: (stream: ServerHttp2Stream, path: string) => void,
  settings = {},
): Promise<Http2Upstream> {
  const server = createServer({ settings })
  const sessions: ServerHttp2Session[] = []
  const resets = new Map<string, number | undefined>()
  server.on('session', (session) => sessions.push(session))
  server.on('sessionError', () => {})
  server.on('stream', (stream, headers) => {
    const path = headers[':path'] ?? ''
    stream.on('error', () => {})
    stream.on('close', () => resets.set(path, stream.rstCode))
    answer(stream, path)
  })
  const connections = await connectionsTo(server, sessions)
  return { server, sessions, connections, resets }
}

interface Outcome {
  status: number
  headers: ResponseFields
  body: string
  trailers: ResponseFields | null
  error: Error | null
}

export class Recorded implements ResponseHandler {
  readonly outcome: Outcome = { status: 0, headers: {}, body: '', trailers: null, error: null }
  readonly interim: number[] = []
  readonly over: Promise<Outcome>
  control: RequestControl | null = null
  starts = 0
  bytes = 0
  paused = false
  #settle: (outcome: Outcome) => void = () => {}

  constructor() {
    this.over = new Promise((resolve) => (this.#settle = resolve))
  }

  onRequestStart(control: RequestControl): void {
    this.starts++
    this.control = control
  }

  onBodySent(): void {}
  onRequestSent(): void {}

  onResponseStart(_control: RequestControl, status: number, headers: ResponseFields): void {
    if (status < 200) this.interim.push(status)
    else Object.assign(this.outcome, { status, headers })
  }

  onResponseData(control: RequestControl, chunk: Buffer): void {
    this.bytes += chunk.length
    if (this.paused) control.pause()
    else this.outcome.body += chunk.toString()
  }

  onResponseEnd(_control: RequestControl, trailers: ResponseFields): void {
    this.outcome.trailers = trailers
    this.#settle(this.outcome)
  }

  onResponseError(_control: RequestControl | null, error: Error): void {
    this.outcome.error = error
    this.#settle(this.outcome)
  }
}

export function send(
  { connections }: Pick<Http2Upstream, 'connections'>,
  path: string,
  over: Partial<UpstreamRequest> = {},
): Recorded {
  const recorded = new Recorded()
  const request = { method: 'POST', path, headers: ['host', 'a.b:80', 'X-Tag', '1', 'x-tag', '2'], body: null, ...over }
  connections.dispatch(request, recorded)
  return recorded
}

export const frameType = { data: 0, headers: 1, reset: 3, settings: 4, goaway: 7 } as const

export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** Status 200 and what more (RFC 7541), as a whole header section. */
export const headers = (flags: number, more = Buffer.alloc(0)): Buffer =>
  frame(frameType.headers, flags | 4, 1, Buffer.concat([Buffer.from([0x88]), more]))

/** Whether a client has sent the header section of a request. */
function hasHeaders(bytes: Buffer): boolean {
  for (let at = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'.length; at + 9 <= bytes.length;) {
    if (bytes.readUInt8(at + 3) === frameType.headers) return true
    at += 9 + bytes.readUIntBE(at, 3)
  }
  return false
}

/** An upstream that says exactly these frames on each of its connections, once a request has come. */
export async function byHand(...scripts: readonly (readonly Buffer[])[]): Promise<Http2Connections> {
  let accepted = 0
  const sockets: Socket[] = []
  const server = createTcpServer((socket) => {
    const script = scripts[Math.min(accepted++, scripts.length - 1)]!
    sockets.push(socket)
    socket.on('error', () => {})
    socket.write(frame(frameType.settings, 0, 0, Buffer.alloc(0)))
    let seen = Buffer.alloc(0)
    let said = false
    socket.on('data', (chunk) => {
      seen = Buffer.concat([seen, chunk])
      if (said || !hasHeaders(seen)) return
      said = true
      socket.write(Buffer.concat(script))
    })
  })
  return await connectionsTo(server, sockets)
}
