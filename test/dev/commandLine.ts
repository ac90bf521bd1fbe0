import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { changes, type Changes } from '../support/changes.ts'

/** How a process ended. */
export interface Ended {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

/** A command, running. */
export interface CommandProcess {
  readonly child: ChildProcess
  /** Lines of standard output. */
  readonly out: Changes<string>
  readonly err: Changes<string>
  readonly ended: Promise<Ended>
}

/** Starts a program and keeps what it says. */
export function startCommandLine(
  [program = '', ...args]: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): CommandProcess {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } })
  const out = changes<string>()
  const err = changes<string>()
  createInterface({ input: child.stdout }).on('line', (line) => out.add(line))
  createInterface({ input: child.stderr }).on('line', (line) => err.add(line))
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (status) => resolve({ status, out: out.all.join('\n'), err: err.all.join('\n') }))
  })
  return { child, out, err, ended }
}
