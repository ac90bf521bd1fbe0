import { fastify } from 'fastify'
import type { AddressInfo } from 'node:net'
import type { MetricsPage } from './metrics.ts'

export interface AdminOptions {
  readonly address: string
  /** 0 asks the operating system for one. */
  readonly port: number
  readonly metrics: MetricsPage
  /** Whether a snapshot serves and the process does not drain. */
  readonly ready: () => boolean
}

export interface AdminServer {
  readonly address: string
  readonly port: number
  close(): Promise<void>
}

/**
 * Serves `/metrics`, `/healthz` (the process runs) and `/readyz` (200 only while a snapshot serves), on an address of
 * its own and never on a data listener.
 *
 * @throws the operating system's error when the address cannot be used
 */
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
    return await reply
      .code(ready ? 200 : 503)
      .type('text/plain')
      .send(ready ? 'ok\n' : 'no snapshot serves yet\n')
  })
  await server.listen({ host: options.address, port: options.port })
  const { address, port } = server.server.address() as AddressInfo
  return { address, port, close: () => server.close() }
}
