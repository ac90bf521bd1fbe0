import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createAuthority } from './authority.ts'

/** A question as the server received it. */
export interface Question {
  readonly token: string
  readonly headers: IncomingMessage['headers']
  readonly method: string
  readonly path: string
  readonly form: URLSearchParams
}

/** Answers a question. */
export type Introspect = (question: Question, response: ServerResponse) => void

/** An introspection endpoint (RFC 7662) over TLS, which answers as a test tells it. */
export interface IntrospectionServer {
  readonly url: string
  /** PEM of the authority that its certificate is from. */
  readonly anchor: string
  readonly questions: readonly Question[]
  /** The most questions that were open at once. */
  mostOpen(): number
  /** Connections accepted so far. */
  accepted(): number
  answer(introspect: Introspect): void
  /** Ends everything; the port answers no more. */
  close(): Promise<void>
}

/** Answers with a JSON document. */
export const saying =
  (answer: unknown): Introspect =>
  (_question, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  }

export async function startIntrospectionServer(first: Introspect): Promise<IntrospectionServer> {
  const authority = await createAuthority('Identity provider root')
  const { certificate: cert, privateKey: key } = await authority.leaf({ addresses: ['127.0.0.1'] })
  const questions: Question[] = []
  const state = { introspect: first, open: 0, most: 0, accepted: 0 }
  const server = createServer({ cert, key }, (request, response) => {
    const parts: Buffer[] = []
    state.open++
    state.most = Math.max(state.most, state.open)
    response.on('close', () => state.open--)
    response.on('error', () => {})
    request.on('error', () => {})
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(parts).toString())
      const { headers, method = '', url: path = '' } = request
      const question = { token: form.get('token') ?? '', headers, method, path, form }
      questions.push(question)
      state.introspect(question, response)
    })
  })
  server.on('connection', () => state.accepted++)
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}/introspect`,
    anchor: authority.certificate,
    questions,
    mostOpen: () => state.most,
    accepted: () => state.accepted,
    answer: (introspect) => (state.introspect = introspect),
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
