import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { once } from 'node:events'

/** A program that runs until it is ended, with everything it says in a file. */
export interface Daemon {
  readonly pid: number
  /** Throws, with the end of its log, once the program has ended by itself. */
  assertRunning(): void
  close(): Promise<void>
}

const tail = (file: string): string => readFileSync(file, 'utf8').slice(-4000)

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const kill = setTimeout(() => child.kill('SIGKILL'), 5000)
  await exited
  clearTimeout(kill)
}

/**
 * Kills a process once this one is gone, in whatever way: the watcher reads from a pipe that only we hold open.
 *
 * @returns what calls it off
 */
function killWhenGone(pid: number): () => void {
  const watcher = spawn('sh', ['-c', 'read _ || kill -9 "$1"', 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  return () => void watcher.kill('SIGKILL')
}

/** Starts a program; its output goes to `logFile`. It does not outlive this process. */
export function startDaemon(program: string, args: readonly string[], logFile: string): Daemon {
  const log = openSync(logFile, 'a')
  const child = spawn(program, [...args], { stdio: ['ignore', log, log] })
  closeSync(log)
  const callOff = child.pid === undefined ? () => undefined : killWhenGone(child.pid)
  child.once('exit', callOff)
  let failure: Error | null = null
  child.once('error', (error) => (failure = error))
  return {
    pid: child.pid ?? 0,
    assertRunning: () => {
      if (failure) throw failure
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`${program} ended with ${child.exitCode ?? child.signalCode}: ${tail(logFile)}`)
      }
    },
    close: () => end(child),
  }
}
