import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ClientResponse } from '../forward/clientSide.ts'
import { endAfterRequest } from './drain.ts'
import type { Http1Connection } from './http1Connection.ts'
import type { Written } from './connection.ts'

/** The way back to a client that speaks HTTP/1.1. */
export class Http1Response<Q extends IncomingMessage = IncomingMessage>
  extends ServerResponse<Q>
  implements ClientResponse, Written
{
  /** Whose turn it is; null before it is served. */
  carrier: Http1Connection | null = null

  /** What came behind a request to leave HTTP; null = it is none. */
  early: Buffer | null = null

  /** The exchange looks after a response only for as long as the upstream sends it. */
  get unread(): number | null {
    const { carrier } = this
    if (carrier === null || !this.writableEnded || this.writableFinished) return null
    return carrier.socket.writableLength
  }

  goOn(): void {
    this.writeContinue()
  }

  inform(headers: string[]): void {
    if (this.req.httpVersion === '1.1') this.writeInformation(103, headers)
  }

  upgrade(headers: string[]): Duplex | null {
    const { early, socket } = this
    if (early === null || socket === null) return null
    this.writeHead(101, headers)
    this.flushHeaders()
    if (early.length > 0) socket.unshift(early)
    return socket
  }

  makeLast(): void {
    this.shouldKeepAlive = false
  }

  endEarly(last: string): void {
    endAfterRequest(this.req, this, last)
  }

  quit(): void {
    this.end()
    this.carrier?.socket.destroySoon()
  }

  reset(): void {
    this.carrier?.reset()
  }
}
