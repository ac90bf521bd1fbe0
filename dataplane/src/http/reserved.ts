import type { IncomingMessage } from 'node:http'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyServerFactory } from 'fastify'
import type { RefusalCode } from '../gateway/refusal.ts'
import { reservedPath } from '../gateway/path.ts'
import { problemOf } from './problem.ts'

/** What a request for a reserved path begins with when it is written plainly; admission refuses every other spelling. */
export const reservedPrefix = `${reservedPath}/`

/**
 * The Fastify instance that owns the server of a port. It answers the reserved paths: nothing is served there yet, and
 * that is said as for any other path. Proxied requests never enter it.
 *
 * @param idOf - the gateway's id of a request
 */
export function reservedApp(
  serverFactory: FastifyServerFactory,
  idOf: (request: IncomingMessage) => string,
): FastifyInstance {
  const app = Fastify({
    serverFactory,
    genReqId: idOf,
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

function answer(reply: FastifyReply, requestId: string, code: RefusalCode): FastifyReply {
  const problem = problemOf(code, { requestId, challenge: null, retryAfter: null, quota: null })
  reply.code(problem.status)
  for (let at = 0; at < problem.headers.length; at += 2) reply.header(problem.headers[at]!, problem.headers[at + 1]!)
  // To a text Fastify would add a charset, which this media type does not have.
  return reply.send(Buffer.from(problem.body))
}
