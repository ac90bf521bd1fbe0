import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startCommandLine, type CommandProcess, type Ended } from './commandLine.ts'

const launcher = fileURLToPath(new URL('../../cli/bin/gatehouse', import.meta.url))

type Environment = Readonly<Record<string, string>>

/** Starts `gatehouse` with these arguments. */
const startCommand = (args: readonly string[], environment: Environment = {}): CommandProcess =>
  startCommandLine([launcher, ...args], environment)

/** Runs `gatehouse` to its end. */
export const runCommand = (args: readonly string[], environment: Environment = {}): Promise<Ended> =>
  startCommand(args, environment).ended

/** The first line of `gatehouse dev`. */
export interface Ready {
  readonly ready: true
  readonly http: string | null
  readonly https: string | null
  readonly admin: string
  readonly keySet: string
}

/** A run of `gatehouse dev` that is ready. */
export interface DevProcess extends CommandProcess {
  readonly ready: Ready
  /** Waits for a configuration that serves after the given number of them. */
  applied(count: number): Promise<void>
  stop(): Promise<Ended>
}

const isApplied = (line: string): boolean => line.includes('"event":"config-applied"')

/** Starts `gatehouse dev` on free ports and waits for its ready line. */
export async function startDev(args: readonly string[], environment: Environment = {}): Promise<DevProcess> {
  const ports = args.includes('--https') ? [] : ['--http', '127.0.0.1:0']
  const command = startCommand(['dev', ...args, ...ports, '--admin', '127.0.0.1:0'], environment)
  const first = await Promise.race([command.out.first(undefined, 60_000), command.ended])
  if (typeof first !== 'string') throw new Error(`dev ended with ${first.status}: ${first.err}`)
  const stop = (): Promise<Ended> => {
    command.child.kill('SIGTERM')
    return command.ended
  }
  const applied = async (count: number): Promise<void> => {
    await command.err.first(() => command.err.all.filter(isApplied).length > count, 30_000)
  }
  return { ...command, ready: JSON.parse(first) as Ready, applied, stop }
}

/** Process ids of the children of a process. */
export function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number)
}

function parentOf(name: string): number | null {
  try {
    const status = readFileSync(`/proc/${name}/stat`, 'utf8')
    return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return null
  }
}

/** Whether a process is there and is not merely waiting to be reaped. */
export function isAlive(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return status[status.lastIndexOf(')') + 2] !== 'Z'
  } catch {
    return false
  }
}
