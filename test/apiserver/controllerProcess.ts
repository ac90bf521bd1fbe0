import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { changes, type Changes } from '../support/changes.ts'
import type { LogLine } from '../support/logs.ts'

const main = fileURLToPath(new URL('../../controller/src/main.ts', import.meta.url))

/** The controller as a process, with all its servers on free ports of 127.0.0.1. */
export interface ControllerProcess {
  /** Lines of its operational log. */
  readonly lines: Changes<LogLine>
  /** Everything that it said on standard error. */
  errors(): string
  readonly ended: Promise<number | null>
  /** Where data planes connect. */
  pushPort(): Promise<number>
  /** `http://host:port` of the admin server. */
  admin(): Promise<string>
  signal(signal: NodeJS.Signals): void
  /** A metric without labels. */
  metric(name: string): Promise<number>
  /** Sends SIGTERM and waits for the end. @returns the exit status */
  stop(): Promise<number | null>
}

export interface ControllerProcessOptions {
  readonly kubeconfigPath: string
  /** `namespace/name` of the Gatehouse object. */
  readonly installation: string
  /** A folder as `credentialsFolder` makes it. */
  readonly pushDirectory: string
  /** Entry file in place of the controller's own. */
  readonly entry?: string
  /** `namespace/name`; default: there is no election. */
  readonly lease?: string
  /** Default: all. */
  readonly watchNamespaces?: string
  /** Default: a free one. */
  readonly pushPort?: number
}

export function startControllerProcess(options: ControllerProcessOptions): ControllerProcess {
  const child = spawn(process.execPath, [options.entry ?? main], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      KUBECONFIG: options.kubeconfigPath,
      GATEHOUSE_INSTALLATION: options.installation,
      GATEHOUSE_PUSH_DIRECTORY: options.pushDirectory,
      GATEHOUSE_PUSH: `127.0.0.1:${options.pushPort ?? 0}`,
      GATEHOUSE_ADMIN: '127.0.0.1:0',
      GATEHOUSE_WATCH_NAMESPACES: options.watchNamespaces ?? '*',
      ...(options.lease === undefined ? {} : { GATEHOUSE_LEASE: options.lease }),
    },
  })
  const lines = changes<LogLine>()
  createInterface({ input: child.stdout }).on('line', (line) => lines.add(JSON.parse(line) as LogLine))
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const killAtExit = (): void => void child.kill('SIGKILL')
  process.once('exit', killAtExit)
  const ended = once(child, 'close').then(([status]) => {
    process.removeListener('exit', killAtExit)
    return status as number | null
  })
  const addressOf = async (event: string): Promise<string> =>
    String((await lines.first((line) => line['event'] === event, 30_000))['address'])
  const admin = async (): Promise<string> => `http://${await addressOf('admin-listening')}`
  return {
    lines,
    errors: () => errors,
    ended,
    pushPort: async () => Number((await addressOf('push-listening')).split(':').at(-1)),
    admin,
    signal: (signal) => void child.kill(signal),
    metric: async (name) => {
      const text = await (await fetch(`${await admin()}/metrics`)).text()
      return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
    },
    stop: async () => {
      child.kill('SIGTERM')
      return await ended
    },
  }
}
