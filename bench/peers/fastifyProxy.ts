import { readFileSync } from 'node:fs'
import { createServer as createPlain } from 'node:http'
import { createServer as createSecure } from 'node:https'
import proxy from '@fastify/http-proxy'
import Fastify, { type FastifyInstance } from 'fastify'
import { logLine, scriptArguments, serve } from './told.ts'

/** @fastify/http-proxy as its documentation starts it, with retries off as in every peer. */
const { origin, certificate, key } = scriptArguments()

async function instance(server: ReturnType<typeof createPlain>): Promise<void> {
  const app: FastifyInstance = Fastify({
    bodyLimit: 10 * 1024 * 1024,
    serverFactory: (handler) => server.on('request', handler),
  })
  app.addHook('onResponse', (request, reply, done) => {
    logLine(request.method, request.url, reply.statusCode, request.ip)
    done()
  })
  await app.register(proxy, {
    upstream: origin,
    websocket: true,
    undici: { connections: 128, pipelining: 1 },
    replyOptions: {
      retriesCount: 0,
      rewriteRequestHeaders: (request, headers) => ({ ...headers, 'x-forwarded-for': request.ip }),
    },
  })
  await app.ready()
}

const plain = createPlain()
const secure = createSecure({ cert: readFileSync(certificate), key: readFileSync(key), minVersion: 'TLSv1.2' })
await instance(plain)
await instance(secure)
await serve(plain, secure)
