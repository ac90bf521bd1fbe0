import { Agent, request, type IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

export interface Target {
  readonly address: string
  readonly port: number
}

/** Where new connections go, in turn, as to the endpoints of a Service. */
export interface Balancer {
  next(): Target
  /** Connections that exist stay where they are. */
  withdraw(target: Target): void
}

export function balancer(...targets: Target[]): Balancer {
  let turn = 0
  return {
    next: () => targets[turn++ % targets.length]!,
    withdraw: (target) => void targets.splice(targets.indexOf(target), 1),
  }
}

export interface TrafficOptions {
  readonly balancer: Balancer
  readonly host: string
  /** Milliseconds between two requests of a client. */
  readonly think: () => number
  /** False opens a connection for each request. */
  readonly keepAlive: boolean
}

/** Clients that ask one after the other, and never twice for the same. */
export interface Traffic {
  /** Requests answered 200, by port. */
  readonly answered: ReadonlyMap<number, number>
  /** Everything else: error codes and statuses. */
  readonly failed: readonly string[]
  total(): number
  /** Lets each client end with the request that it has begun. */
  stop(): Promise<void>
}

/** Starts this many clients. */
export function startTraffic(clients: number, options: TrafficOptions): Traffic {
  const answered = new Map<number, number>()
  const failed: string[] = []
  const stopping = new AbortController()
  const running = Array.from({ length: clients }, () => client(options, stopping.signal, { answered, failed }))
  return {
    answered,
    failed,
    total: () => [...answered.values()].reduce((sum, count) => sum + count, failed.length),
    stop: async () => {
      stopping.abort()
      await Promise.all(running)
    },
  }
}

interface Tally {
  readonly answered: Map<number, number>
  readonly failed: string[]
}

async function client(options: TrafficOptions, stop: AbortSignal, { answered, failed }: Tally): Promise<void> {
  const { balancer: targets, host, think, keepAlive } = options
  const agent = new Agent({ keepAlive, maxSockets: 1 })
  let target: Target | null = null
  while (!stop.aborted) {
    // A connection that the server has ended between two requests takes none with it.
    if (target === null || Object.keys(agent.freeSockets).length === 0) target = targets.next()
    try {
      const response = await ask(target, host, agent)
      if (response.statusCode === 200) answered.set(target.port, (answered.get(target.port) ?? 0) + 1)
      else failed.push(String(response.statusCode))
    } catch (error) {
      failed.push((error as NodeJS.ErrnoException).code ?? 'unknown')
    }
    await pause(think(), undefined, { signal: stop }).catch(() => {})
  }
  agent.destroy()
}

const ask = ({ address, port }: Target, host: string, agent: Agent): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: address, port, agent, headers: { host } }, (response) => {
      // Node gives the connection back in the step after the end.
      response.resume().on('error', reject)
      response.on('end', () => setImmediate(resolve, response))
    })
    sent.on('error', reject).end()
  })
