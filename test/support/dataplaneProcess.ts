import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ObjectName } from '@gatehouse/contract'
import { changes, type Changes } from './changes.ts'
import type { LogLine } from './logs.ts'

const main = fileURLToPath(new URL('../../dataplane/src/main.ts', import.meta.url))

/** Node options of a process whose wall clock `setAhead` moves. */
export const steeredClock = ['--import', new URL('steeredClock.ts', import.meta.url).href]

/** A data plane in a process of its own. */
export interface DataplaneProcess {
  readonly child: ChildProcess
  readonly pid: number
  /** Lines of the operational log; decisions are read and forgotten, since a load test has too many of them. */
  readonly lines: Changes<LogLine>
  /** Where a listener takes connections. */
  listener(name: string): Promise<{ readonly address: string; readonly port: number }>
  /** `http://…` of the admin server. */
  admin(): Promise<string>
  /** Reads on, so that the process never waits, but parses and keeps no more lines: for those who make many. */
  discardLines(): void
  /** Sets the clock ahead, of a process that was started with {@link steeredClock}; milliseconds. */
  setAhead(offset: number): Promise<void>
  /** Sends SIGTERM and waits for the end. @returns the exit status */
  stop(): Promise<number | null>
}

export interface DataplaneProcessOptions {
  readonly installation: ObjectName
  /** `host:port` of the controllers. */
  readonly controllers: readonly string[]
  /** A folder as `credentialsFolder` makes it. */
  readonly pushDirectory: string
  /** Pins the process to this core. */
  readonly core?: number
  /** Entry file in place of the data plane's own. */
  readonly entry?: string
  readonly nodeOptions?: readonly string[]
  readonly environment?: { readonly [name: string]: string }
}

/** Starts `dataplane/src/main.ts` on free ports of 127.0.0.1. */
export function startDataplaneProcess(options: DataplaneProcessOptions): DataplaneProcess {
  const command = [process.execPath, ...(options.nodeOptions ?? []), options.entry ?? main]
  const pinned = options.core === undefined ? command : ['taskset', '-c', String(options.core), ...command]
  const child = spawn(pinned[0]!, pinned.slice(1), {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: {
      ...process.env,
      GATEHOUSE_INSTALLATION: `${options.installation.namespace}/${options.installation.name}`,
      GATEHOUSE_CONTROLLERS: options.controllers.join(','),
      GATEHOUSE_PUSH_DIRECTORY: options.pushDirectory,
      GATEHOUSE_INSTANCE: 'dp-0',
      GATEHOUSE_ADMIN: '127.0.0.1:0',
      GATEHOUSE_DRAIN_DELAY: '0',
      ...options.environment,
    },
  })
  const lines = changes<LogLine>()
  const reader = createInterface({ input: child.stdout! })
  reader.on('line', (line) => lines.add(JSON.parse(line) as LogLine))
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  const listening = async (event: string, resource: string | null): Promise<string> => {
    const line = await lines.first(
      (candidate) => candidate['event'] === event && candidate['resource'] === resource,
      20_000,
    )
    return String(line['address'])
  }
  return {
    child,
    pid: child.pid!,
    lines,
    listener: async (name) => {
      const { hostname, port } = new URL(`http://${await listening('listening', `listener/${name}`)}`)
      return { address: hostname, port: Number(port) }
    },
    admin: async () => `http://${await listening('admin-listening', null)}`,
    discardLines: () => {
      reader.close()
      child.stdout!.removeAllListeners('data').resume()
    },
    setAhead: (offset) =>
      new Promise((resolve) => {
        child.once('message', () => resolve())
        child.send({ ahead: offset })
      }),
    stop: async () => {
      child.kill('SIGTERM')
      return await ended
    },
  }
}
