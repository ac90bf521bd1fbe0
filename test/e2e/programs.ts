import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { changes, type Changes } from '../support/changes.ts'
import type { LogLine } from '../support/logs.ts'
import { dataplaneAddress, hostAddress, startInNamespace } from './network.ts'

const entry = (file: string): string => fileURLToPath(new URL(`../../${file}`, import.meta.url))

/** A controller or data plane as a process. */
export interface Program {
  readonly pid: number
  readonly lines: Changes<LogLine>
  /** Sends SIGTERM and waits for the end. @returns the exit status */
  stop(): Promise<number | null>
}

function program(child: ChildProcess, output: Readable): Program {
  const lines = changes<LogLine>()
  createInterface({ input: output }).on('line', (line) => lines.add(JSON.parse(line) as LogLine))
  const killAtExit = (): void => void child.kill('SIGKILL')
  process.once('exit', killAtExit)
  const ended = once(child, 'exit')
  return {
    pid: child.pid!,
    lines,
    stop: async () => {
      child.kill('SIGTERM')
      const [status] = (await ended) as [number | null]
      process.removeListener('exit', killAtExit)
      return status
    },
  }
}

export interface ProgramOptions {
  /** `namespace/name` of the Gatehouse object. */
  readonly installation: string
  /** Folder of push certificates. */
  readonly pushDirectory: string
  /** For Node; empty = it takes all the memory that it wants. */
  readonly nodeOptions: string
}

/** The port of `host:port`. */
const portOf = (address: unknown): number => Number(String(address).split(':').at(-1))

/** Starts the controller against an API server. @returns it and the port of its push server */
export async function startControllerProgram(
  options: ProgramOptions & { readonly kubeconfig: string; readonly dataplaneService: string },
): Promise<Program & { readonly pushPort: number }> {
  const child = spawn(process.execPath, [entry('controller/src/main.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      KUBECONFIG: options.kubeconfig,
      GATEHOUSE_INSTALLATION: options.installation,
      GATEHOUSE_PUSH_DIRECTORY: options.pushDirectory,
      GATEHOUSE_PUSH: `${hostAddress}:0`,
      GATEHOUSE_ADMIN: '127.0.0.1:0',
      GATEHOUSE_DATAPLANE_SERVICE: options.dataplaneService,
      GATEHOUSE_WATCH_NAMESPACES: '*',
      NODE_OPTIONS: options.nodeOptions,
    },
  })
  const started = program(child, child.stdout)
  const line = await started.lines.first(({ event }) => event === 'push-listening', 30_000)
  return { ...started, pushPort: portOf(line['address']) }
}

/** Starts the data plane with this number at its own address, and waits until it serves a snapshot. */
export async function startDataplaneProgram(
  number: number,
  options: ProgramOptions & { readonly pushPort: number },
): Promise<Program> {
  const child = await startInNamespace(number, [process.execPath, entry('dataplane/src/main.ts')], {
    ...process.env,
    GATEHOUSE_INSTALLATION: options.installation,
    GATEHOUSE_PUSH_DIRECTORY: options.pushDirectory,
    GATEHOUSE_CONTROLLERS: `${hostAddress}:${options.pushPort}`,
    GATEHOUSE_INSTANCE: `dp-${number}`,
    GATEHOUSE_ADMIN: `${dataplaneAddress(number)}:9090`,
    GATEHOUSE_DRAIN_DELAY: '0',
    NODE_OPTIONS: options.nodeOptions,
  })
  const started = program(child, child.stdout!)
  await started.lines.first(({ event }) => event === 'config-applied', 30_000)
  return started
}
