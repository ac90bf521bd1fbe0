import { Agent, request } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'

/** Where an API server is, and how to be an administrator there. */
export interface ApiAccess {
  readonly url: string
  /** PEM of the authority of its certificate. */
  readonly ca: string
  readonly token: string
}

/** Any JSON object, read member by member. */
export type JsonBody = { readonly [key: string]: unknown }

export interface ApiAnswer {
  readonly status: number
  readonly body: JsonBody
}

/** Plain requests to an API server, without a client library's view of them. */
export interface ApiRequests {
  send(method: string, path: string, body?: unknown, accept?: string): Promise<ApiAnswer>
  /** A page that is no JSON, such as that of the metrics. @throws Error unless the answer is 200 */
  text(path: string): Promise<string>
  close(): void
}

interface RawAnswer {
  readonly status: number
  readonly text: string
}

/** A path that nobody serves yet is answered with plain text. */
function bodyOf(text: string): JsonBody {
  try {
    return JSON.parse(text) as JsonBody
  } catch {
    return {}
  }
}

export function apiRequests({ url, ca, token }: ApiAccess): ApiRequests {
  const agent = new Agent({ keepAlive: true, ca })
  const ask = (method: string, path: string, body: unknown, accept: string): Promise<RawAnswer> => {
    const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>()
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const headers = { authorization: `Bearer ${token}`, 'content-type': type, accept }
    const outgoing = request(new URL(path, url), { method, agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    outgoing.on('error', reject)
    outgoing.end(body === undefined ? undefined : JSON.stringify(body))
    return promise
  }
  return {
    send: async (method, path, body, accept = 'application/json') => {
      const { status, text } = await ask(method, path, body, accept)
      return { status, body: bodyOf(text) }
    },
    text: async (path) => {
      const { status, text } = await ask('GET', path, undefined, 'text/plain')
      if (status !== 200) throw new Error(`${path} answered ${status}`)
      return text
    },
    close: () => agent.destroy(),
  }
}

/** Asks until the answer is the one waited for; a test's own time limit ends a wait in vain. */
export async function waitFor(
  api: ApiRequests,
  path: string,
  isIt: (answer: ApiAnswer) => boolean,
): Promise<ApiAnswer> {
  for (;;) {
    const answer = await api.send('GET', path)
    if (isIt(answer)) return answer
    await pause(10)
  }
}
