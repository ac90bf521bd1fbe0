import type { AddressInfo } from 'node:net'
import { fastify } from 'fastify'
import type { Metrics } from './metrics.ts'

export interface AdminServer {
  readonly port: number
  close(): Promise<void>
}

export interface AdminOptions {
  readonly address: string
  /** 0 asks the operating system for one. */
  readonly port: number
  readonly metrics: Metrics
  /** Whether a complete configuration has been published. */
  readonly ready: () => boolean
}

/** Serves `/metrics`, `/healthz` and `/readyz`. @throws the operating system's error when the address cannot be used */
export async function startAdminServer(options: AdminOptions): Promise<AdminServer> {
  const server = fastify({
    requestTimeout: 10_000,
    bodyLimit: 1024,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    return503OnClosing: false,
  })
  server.get('/metrics', async (_request, reply) => {
    return await reply.type(options.metrics.contentType).send(await options.metrics.text())
  })
  server.get('/healthz', async (_request, reply) => await reply.type('text/plain').send('ok\n'))
  server.get('/readyz', async (_request, reply) => {
    const ready = options.ready()
    const text = ready ? 'ok\n' : 'no configuration yet\n'
    return await reply
      .code(ready ? 200 : 503)
      .type('text/plain')
      .send(text)
  })
  await server.listen({ host: options.address, port: options.port })
  return { port: (server.server.address() as AddressInfo).port, close: () => server.close() }
}
