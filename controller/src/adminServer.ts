import { startInternalServer, type InternalAddress, type InternalServer } from './internalServer.ts'
import type { Metrics } from './metrics.ts'

export interface AdminOptions extends InternalAddress {
  readonly metrics: Metrics
  /** Whether a complete configuration has been published. */
  readonly ready: () => boolean
}

/** Serves `/metrics`, `/healthz` and `/readyz`. @throws the operating system's error when the address cannot be used */
export const startAdminServer = ({ metrics, ready, ...where }: AdminOptions): Promise<InternalServer> =>
  startInternalServer(where, (server) => {
    server.get('/metrics', async (_request, reply) => {
      return await reply.type(metrics.contentType).send(await metrics.text())
    })
    server.get('/healthz', async (_request, reply) => await reply.type('text/plain').send('ok\n'))
    server.get('/readyz', async (_request, reply) => {
      const isReady = ready()
      const text = isReady ? 'ok\n' : 'no configuration yet\n'
      return await reply
        .code(isReady ? 200 : 503)
        .type('text/plain')
        .send(text)
    })
  })
