import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { ServerResponse } from 'node:http'
import type { Authority } from '../../support/authority.ts'
import { testAddress } from './nodeBridge.ts'

/** The port of the identity provider, and the name of its socket. */
export const identityProviderPort = 9443
/** Where nobody listens. */
export const downPort = 9444

export const providerUrl = (path: string, port = identityProviderPort): string =>
  `https://${testAddress}:${port}${path}`

/** What a path of the identity provider was asked. */
interface Usage {
  readonly calls: number
  /** The most that were open at once. */
  readonly mostOpen: number
}

/** @param body - of the request; the token is the field of a form */
export type Behaviour = (response: ServerResponse, token: string, body: string) => void

export const json =
  (document: unknown): Behaviour =>
  (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document))

export const html: Behaviour = (response) =>
  response.writeHead(200, { 'content-type': 'text/html' }).end('<html>{"active":true}</html>')

export const redirectTo =
  (location: string): Behaviour =>
  (response) =>
    response.writeHead(307, { location }).end()

/** Never answers. */
export const silent: Behaviour = () => undefined

/** An identity provider of the node's network that behaves on each path as it is told. */
export interface IdentityProvider {
  usage(path: string): Usage
  close(): Promise<void>
}

/** @param socket - where it listens; the bridge joins it with the node */
export async function startIdentityProvider(
  socket: string,
  authority: Authority,
  behaviours: ReadonlyMap<string, Behaviour>,
): Promise<IdentityProvider> {
  await rm(socket, { force: true })
  const leaf = await authority.leaf({ addresses: [testAddress] })
  const usages = new Map<string, { calls: number; open: number; mostOpen: number }>()
  const usageOf = (path: string) => {
    const known = usages.get(path) ?? { calls: 0, open: 0, mostOpen: 0 }
    usages.set(path, known)
    return known
  }
  const server = createServer({ cert: leaf.certificate, key: leaf.privateKey }, (request, response) => {
    const path = request.url ?? ''
    const usage = usageOf(path)
    usage.calls++
    usage.mostOpen = Math.max(usage.mostOpen, ++usage.open)
    response.on('close', () => usage.open--)
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const behaviour = behaviours.get(path)
      if (behaviour === undefined) response.writeHead(404).end()
      else behaviour(response, new URLSearchParams(body).get('token') ?? '', body)
    })
  })
  server.on('tlsClientError', () => undefined)
  server.listen(socket)
  await once(server, 'listening')
  return {
    usage: usageOf,
    close: async () => {
      server.close().closeAllConnections()
      await once(server, 'close')
    },
  }
}
