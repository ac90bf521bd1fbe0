import { createServer } from 'node:net'
import type { HostPort } from '@gatehouse/controller'
import { CommandError, exitStatus } from '../exit.ts'

/** `host:port`, IPv6 in brackets. */
export const hostPort = ({ address, port }: HostPort): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

const sentences: { readonly [code: string]: string } = {
  EADDRINUSE: 'is in use',
  EACCES: 'may not be used by this user',
  EADDRNOTAVAIL: 'is no address of this machine',
}

/** Why a socket cannot be opened, and what to do. */
const busySentence = (at: string, what: string, code: string): string =>
  `${at}, for ${what}, ${sentences[code] ?? `cannot be opened (${code})`}; choose another or free it`

/**
 * Opens and closes a socket there, so that a busy port is told before anything starts.
 *
 * @param what - what the socket is for
 * @throws CommandError that names the address
 */
export async function ensureFree(at: HostPort, what: string): Promise<void> {
  if (at.port === 0) return
  const server = createServer()
  const code = await new Promise<string | null>((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown error'))
    server.listen({ host: at.address, port: at.port, exclusive: true }, () => resolve(null))
  })
  if (code !== null) throw new CommandError(busySentence(hostPort(at), what, code), exitStatus.failure)
  await new Promise<void>((resolve) => server.close(() => resolve()))
}
