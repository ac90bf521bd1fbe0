import { spawn } from 'node:child_process'
import { connect, createServer, type AddressInfo } from 'node:net'
import type { Program } from './program.ts'

/** A peer that takes connections. */
export interface StartedPeer {
  readonly pid: number
  close(): Promise<void>
}

/** Ports that were free a moment ago; programs that cannot say which one they took need to be told. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/**
 * Starts a program on one core and waits until it takes connections. What it writes is read and thrown away.
 *
 * @throws with the end of what it wrote when it ends before
 */
export async function startProgram(
  { path, libraries }: Program,
  args: readonly string[],
  place: { readonly core: number; readonly ports: readonly number[] },
): Promise<StartedPeer> {
  const child = spawn('taskset', ['-c', String(place.core), path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LD_LIBRARY_PATH: libraries },
  })
  let said = ''
  let up = false
  const read = (chunk: Buffer): void => void (said = up ? '' : (said + chunk.toString('latin1')).slice(-4096))
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let over = false
  void ended.then(() => (over = true))
  for (const port of place.ports) {
    while (!(await accepts(port))) {
      if (over) throw new Error(`${path} ended: ${said}`)
    }
  }
  up = true
  return {
    pid: child.pid!,
    close: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Waits a little before it says no. */
const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => setTimeout(() => resolve(false), 20))
  })
