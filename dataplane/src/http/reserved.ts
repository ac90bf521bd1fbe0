import type { IncomingMessage } from 'node:http'
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyServerFactory,
  type InjectOptions,
} from 'fastify'
import type { ClientRequest, ClientResponse } from '../forward/clientSide.ts'
import type { RefusalCode } from '../gateway/refusal.ts'
import { reservedPath } from '../gateway/path.ts'
import { problemOf } from './problem.ts'

/** What a request for a reserved path begins with when it is written plainly; admission refuses every other spelling. */
export const reservedPrefix = `${reservedPath}/`

/**
 * The Fastify instance that owns the server of a port. It answers the reserved paths: nothing is served there yet, and
 * that is said as for any other path. Proxied requests never enter it.
 *
 * @param idOf - the gateway's id of a request of the server's; null = it came by {@link answerReserved}
 */
export function reservedApp(
  serverFactory: FastifyServerFactory,
  idOf: (request: IncomingMessage) => string | null,
): FastifyInstance {
  const app = Fastify({
    serverFactory,
    genReqId: (request) => idOf(request) ?? String(request.headers[idHeader]),
    exposeHeadRoutes: false,
    // Answered by the server itself; a second answer would be taken for that of the next request.
    clientErrorHandler: () => {},
    return503OnClosing: false,
    frameworkErrors: (_error, request, reply) => {
      void answer(reply, request.id, 'bad-path')
    },
  })
  app.setNotFoundHandler((request, reply) => answer(reply, request.id, 'no-route'))
  app.setErrorHandler((_error, request, reply) => answer(reply, request.id, 'bad-request'))
  return app
}

/** Carries the gateway's id of a request that no socket of the server brought. */
const idHeader = 'x-request-id'

/**
 * Has a request for a reserved path answered that did not come in HTTP/1.1. Nothing that is served there looks at a
 * header, and bodies are not taken.
 *
 * @param id - the gateway's
 */
export function answerReserved(
  app: FastifyInstance,
  { method, url }: ClientRequest,
  response: ClientResponse,
  id: string,
): void {
  const isKnown = (name: string): name is NonNullable<InjectOptions['method']> => app.supportedMethods.includes(name)
  const known = method !== undefined && isKnown(method) ? method : 'GET'
  app.inject({ method: known, url: url ?? '', headers: { [idHeader]: id } }).then(
    ({ statusCode, headers, rawPayload }) => {
      const kept = Object.entries(headers).filter(([name]) => name !== 'connection' && name !== 'date')
      response.writeHead(
        statusCode,
        kept.flatMap(([name, value]) => [value ?? ''].flat().flatMap((one) => [name, String(one)])),
      )
      response.end(rawPayload.toString('latin1'), 'latin1')
    },
    () => response.reset(),
  )
}

function answer(reply: FastifyReply, requestId: string, code: RefusalCode): FastifyReply {
  const problem = problemOf(code, { requestId, challenge: null, retryAfter: null, quotas: [] })
  reply.code(problem.status)
  for (let at = 0; at < problem.headers.length; at += 2) reply.header(problem.headers[at]!, problem.headers[at + 1]!)
  // To a text Fastify would add a charset, which this media type does not have.
  return reply.send(Buffer.from(problem.body))
}
