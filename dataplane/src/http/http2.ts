import type { ConnectionFacts } from '../gateway/facts.ts'
import type { Protocol, Sockets } from './connection.ts'
import { expectsContinue, handle, headFault } from './handler.ts'
import { Http2Connection, type Http2Owner } from './http2Connection.ts'
import type { Http2Head } from './http2Head.ts'
import type { Http2Request } from './http2Request.ts'
import type { Http2Response } from './http2Response.ts'
import { defaultLimits } from './limits.ts'
import { requestId } from './requestId.ts'
import { ServedRequest } from './servedRequest.ts'
import type { Service } from './service.ts'

/** Answers one of the gateway's own paths. */
type Reserved = (request: Http2Request, response: Http2Response, id: string) => void

/** HTTP/2, with the same way of every request as in HTTP/1.1. */
export class Http2 implements Protocol {
  readonly #service: Service
  readonly #owner: Http2Owner
  #reserved: Reserved = (_request, response) => response.reset()

  constructor(service: Service) {
    this.#service = service
    this.#owner = {
      limits: service.limits ?? defaultLimits,
      clock: service.clock,
      serve: (...taken) => this.#serve(...taken),
      ended: (reason) => service.sessionEnded(reason),
    }
  }

  /** Where requests for the gateway's own paths go. */
  reserve(reserved: Reserved): void {
    this.#reserved = reserved
  }

  accept(facts: ConnectionFacts, sockets: Sockets): Http2Connection {
    return new Http2Connection(facts, sockets, this.#owner)
  }

  #serve(facts: ConnectionFacts, request: Http2Request, response: Http2Response, head: Http2Head): () => void {
    const start = { id: requestId(), awaitsContinue: expectsContinue(request) }
    const serving = new ServedRequest(this.#service, facts, { request, response }, start)
    handle(serving, head.fault ?? headFault(request), this.#reserved)
    return () => serving.close()
  }
}
