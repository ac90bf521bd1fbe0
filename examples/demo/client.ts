import { request, Agent } from 'node:http'

/** What is asked of the gateway. */
export interface Ask {
  readonly method?: string
  /** Sent byte for byte. */
  readonly path: string
  /** Default: the host of the quick start. */
  readonly host?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What came back. */
export interface Answer {
  readonly status: number
  readonly requestId: string
  /** Of the problem document; null when the backend answered. */
  readonly code: string | null
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Milliseconds. */
  readonly time: number
}

export const problemCode = (contentType: string | undefined, body: string): string | null => {
  if (contentType !== 'application/problem+json') return null
  const problem = JSON.parse(body) as { readonly type?: string }
  return problem.type?.replace('urn:gatehouse:problem:', '') ?? null
}

/** Sends requests to a gateway over connections that it keeps. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 50 })
  readonly #host: string
  readonly #port: number

  /** @param address - `host:port` */
  constructor(address: string) {
    const { hostname, port } = new URL(`http://${address}`)
    this.#host = hostname
    this.#port = Number(port)
  }

  send({ method = 'GET', path, host = 'api.shop.example', headers = {} }: Ask): Promise<Answer> {
    const options = {
      agent: this.#agent,
      host: this.#host,
      port: this.#port,
      method,
      path,
      headers: { ...headers, host },
    }
    return new Promise((resolve, reject) => {
      const started = performance.now()
      const outgoing = request(options, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const time = performance.now() - started
          const body = Buffer.concat(chunks).toString()
          const { statusCode: status = 0, headers: received } = response
          const code = problemCode(received['content-type'], body)
          resolve({ status, requestId: String(received['x-request-id'] ?? ''), code, headers: received, time })
        })
      })
      outgoing.on('error', reject)
      outgoing.end()
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
