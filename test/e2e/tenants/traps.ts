import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { promisify } from 'node:util'
import type { Authority } from '../../support/authority.ts'
import { hostAddress } from '../network.ts'

const run = promisify(execFile)

/** Where the cluster says that its API server is. */
export const apiAddress = '10.246.0.2'
/** An address outside of podCIDRs. */
export const outsideAddress = '10.246.0.200'
/** The range of Pods: the backends and the data planes. */
export const podRange = '10.246.0.0/26'
/** The port that listens at both addresses, and at that of the backends. */
export const trapPort = 9000
/** The port of the hostile tenant's login. */
export const loginPort = 9443

/** Servers that nobody must be led to. */
export interface Traps {
  /** Connections accepted so far. */
  readonly sprung: () => number
  /** Requests to the tenant's login so far. */
  readonly asked: () => number
  close(): Promise<void>
}

const listening = (server: Server, port: number, address: string): Promise<void> =>
  new Promise((resolve) => server.listen(port, address, resolve))

/** Opens the traps, and the hostile tenant's login, which leads whoever asks to one of them. */
export async function openTraps(authority: Authority): Promise<Traps> {
  for (const address of [apiAddress, outsideAddress]) await run('ip', ['addr', 'add', `${address}/24`, 'dev', 'gh0'])
  let sprung = 0
  let asked = 0
  const traps = [apiAddress, outsideAddress, hostAddress].map((address) => ({ address, server: createServer() }))
  for (const { server, address } of traps) {
    server.on('connection', () => sprung++)
    server.on('request', (_request, response) => response.end('{"keys":[]}'))
    await listening(server, trapPort, address)
  }
  const leaf = await authority.leaf({ commonName: 'login', addresses: [hostAddress] })
  const login = createSecureServer({ cert: leaf.certificate, key: leaf.privateKey }, (_request, response) => {
    asked++
    response.writeHead(302, { location: `http://${apiAddress}:${trapPort}/` }).end()
  })
  await listening(login, loginPort, hostAddress)
  return {
    sprung: () => sprung,
    asked: () => asked,
    close: async () => {
      for (const server of [...traps.map((trap) => trap.server), login]) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    },
  }
}
