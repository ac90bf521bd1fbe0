import { Agent, request, type IncomingMessage } from 'node:http'

/** What a client got. */
export interface Answer {
  /** 0 = the connection broke. */
  readonly status: number
  /** The reason of a refusal by the gateway; null = it is the backend's answer. */
  readonly code: string | null
  /** Seconds; null = nothing was said. */
  readonly retryAfter: number | null
}

/** Asks a data plane over connections that are kept. */
export interface Asker {
  /** @param rule - the first segment of the path */
  ask(rule: string): Promise<Answer>
  close(): void
}

const broken: Answer = { status: 0, code: null, retryAfter: null }
const prefix = 'urn:gatehouse:problem:'

function codeOf(response: IncomingMessage, body: string): string | null {
  if (response.headers['content-type'] !== 'application/problem+json') return null
  const { type } = JSON.parse(body) as { readonly type: string }
  return type.slice(prefix.length)
}

function answerOf(response: IncomingMessage, body: string): Answer {
  const wait = response.headers['retry-after']
  return {
    status: response.statusCode ?? 0,
    code: codeOf(response, body),
    retryAfter: wait === undefined ? null : Number(wait),
  }
}

export function startAsker(target: { readonly address: string; readonly port: number }, host: string): Asker {
  const agent = new Agent({ keepAlive: true })
  return {
    ask: (rule) =>
      new Promise((resolve) => {
        const options = { host: target.address, port: target.port, path: `/${rule}`, headers: { host }, agent }
        const sent = request(options, (response) => {
          let body = ''
          response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
          response.on('error', () => resolve(broken))
          response.on('end', () => resolve(answerOf(response, body)))
        })
        sent.on('error', () => resolve(broken)).end()
      }),
    close: () => agent.destroy(),
  }
}
