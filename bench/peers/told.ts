import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a peer that is a script of this folder is started with, as its arguments. */
export interface ScriptArguments {
  readonly origin: string
  /** PEM files. */
  readonly certificate: string
  readonly key: string
}

/** @throws RangeError when arguments are missing */
export function scriptArguments(): ScriptArguments {
  const [origin, certificate, key] = process.argv.slice(2)
  if (origin === undefined || certificate === undefined || key === undefined)
    throw new RangeError('usage: node SCRIPT ORIGIN CERTIFICATE KEY')
  return { origin, certificate, key }
}

/** As long as load waits between two rounds, and as the gateway itself; milliseconds. */
const keepAliveTimeout = 75_000

/** Opens both servers on free ports, tells them by IPC, and ends with the parent. */
export async function serve(plain: Server, secure: Server): Promise<void> {
  const ports = await Promise.all(
    [plain, secure].map(
      (server) =>
        new Promise<number>((resolve) => {
          server.keepAliveTimeout = keepAliveTimeout
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
        }),
    ),
  )
  process.on('disconnect', () => process.exit(0))
  process.send?.({ port: ports[0], second: ports[1] })
}

/** A line of an access log with what the peers' lines have; written to standard output. */
export function logLine(method: string, path: string, status: number, client: string): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), method, path, status, client })}\n`)
}
