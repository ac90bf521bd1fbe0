import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { inheritedEnvironment } from '../config.ts'

/** A process of a run of dev. */
export interface Child {
  readonly name: string
  readonly process: ChildProcess
  /** Its standard output, line by line. */
  readonly lines: Interface
  /** Settles when it has ended. */
  readonly ended: Promise<void>
}

/** Milliseconds that a child may take to end by itself. */
const patience = 5000

/** The processes of a run of dev. None of them outlives it. */
export class Children {
  readonly #children: Child[] = []
  #stopping = false
  #died: (name: string) => void = () => {}

  /** Resolves with the name of the first child that ended without being asked to. */
  readonly death = new Promise<string>((resolve) => (this.#died = resolve))

  /**
   * Starts a script beside this file. It is out of reach of the terminal's Ctrl-C, so that dev ends it in order.
   *
   * @param name - for messages
   */
  start(name: string, script: string, environment: { readonly [name: string]: string } = {}): Child {
    const child = spawn(process.execPath, [fileURLToPath(new URL(script, import.meta.url))], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: { ...inheritedEnvironment(), ...environment },
      detached: true,
    })
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    })
    void ended.then(() => {
      if (!this.#stopping) this.#died(name)
    })
    const lines = createInterface({ input: child.stdout! })
    const started = { name, process: child, lines, ended }
    this.#children.push(started)
    return started
  }

  /** Ends all of them, the last started first, and waits until they have ended. */
  async stop(): Promise<void> {
    this.#stopping = true
    for (const { process: child, ended } of this.#children.toReversed()) {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), patience)
      await ended
      clearTimeout(timer)
    }
  }
}
