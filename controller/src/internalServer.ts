import type { AddressInfo } from 'node:net'
import { fastify, type FastifyInstance } from 'fastify'

/** A small server of the controller's own, for those inside the cluster. */
export interface InternalServer {
  readonly port: number
  close(): Promise<void>
}

export interface InternalAddress {
  readonly address: string
  /** 0 asks the operating system for one. */
  readonly port: number
}

/** @throws the operating system's error when the address cannot be used */
export async function startInternalServer(
  { address, port }: InternalAddress,
  route: (server: FastifyInstance) => void,
): Promise<InternalServer> {
  const server = fastify({
    requestTimeout: 10_000,
    bodyLimit: 1024,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    return503OnClosing: false,
  })
  route(server)
  await server.listen({ host: address, port })
  return { port: (server.server.address() as AddressInfo).port, close: () => server.close() }
}
