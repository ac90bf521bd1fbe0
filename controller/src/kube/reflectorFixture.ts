import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Json } from '@gatehouse/contract'

/** A request that waits for its answer. */
export interface Asked {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly response: ServerResponse
}

/** A real server whose answers the test gives, one request after the other. */
export class FakeApiServer {
  readonly #server: Server
  readonly #asked: Asked[] = []
  readonly #waiting: ((asked: Asked) => void)[] = []

  constructor() {
    this.#server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://fake')
      const asked = { path: pathname, query: Object.fromEntries(searchParams), response }
      const waiting = this.#waiting.shift()
      if (waiting) waiting(asked)
      else this.#asked.push(asked)
    })
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  next(): Promise<Asked> {
    const asked = this.#asked.shift()
    return asked ? Promise.resolve(asked) : new Promise((resolve) => this.#waiting.push(resolve))
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** Answers a request with JSON. */
export function answer({ response }: Asked, status: number, body: Json): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
