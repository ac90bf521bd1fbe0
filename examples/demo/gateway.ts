import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The `gatehouse` command. */
export const command = fileURLToPath(new URL('../../cli/bin/gatehouse', import.meta.url))

/** A line of the decision log. */
export interface Decision {
  readonly requestId: string
  readonly status: number
  readonly code: string | null
  readonly check: string | null
  readonly policy: string | null
  readonly item: string | null
  readonly route: string | null
  readonly rule: string | null
  readonly [field: string]: unknown
}

/** `gatehouse dev`, running. */
export interface Gateway {
  /** `host:port` of the first HTTP listener. */
  readonly http: string
  readonly admin: string
  /** The decision about a request, by the id that its answer carried. */
  decision(requestId: string): Promise<Decision>
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

export interface GatewayOptions {
  readonly folders: readonly string[]
  /** `namespace/service=host:port`. */
  readonly upstreams: readonly string[]
  readonly decided?: ((decision: Decision) => void) | undefined
  /** Each line of standard error. */
  readonly note: (line: string) => void
}

/** Decisions by id, for whoever waits for them. */
class DecisionBook {
  readonly #known = new Map<string, Decision>()
  readonly #waiting = new Map<string, (decision: Decision) => void>()

  add(decision: Decision): void {
    this.#known.set(decision.requestId, decision)
    this.#waiting.get(decision.requestId)?.(decision)
    this.#waiting.delete(decision.requestId)
  }

  find(requestId: string): Promise<Decision> {
    const known = this.#known.get(requestId)
    if (known) return Promise.resolve(known)
    return new Promise((resolve) => this.#waiting.set(requestId, resolve))
  }
}

interface Ready {
  readonly http: string
  readonly admin: string
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once('exit', () => resolve()))
}

/** Starts `gatehouse dev` on free ports and waits until it is ready. @throws Error when it ends before */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const args = [
    'dev',
    ...options.folders.flatMap((folder) => ['-f', folder]),
    ...options.upstreams.flatMap((upstream) => ['--upstream', upstream]),
    ...['--http', '127.0.0.1:0', '--admin', '127.0.0.1:0'],
  ]
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const end = ended(child)
  createInterface({ input: child.stderr }).on('line', options.note)
  const book = new DecisionBook()
  const ready = await new Promise<Ready>((resolve, reject) => {
    let first = true
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (first) resolve(JSON.parse(line) as Ready)
      else {
        const decision = JSON.parse(line) as Decision
        book.add(decision)
        options.decided?.(decision)
      }
      first = false
    })
    void end.then(() => reject(new Error('gatehouse dev ended before it was ready')))
  })
  return {
    ...ready,
    decision: (requestId) => book.find(requestId),
    ended: end,
    close: async () => {
      child.kill('SIGTERM')
      await end
    },
  }
}
