import type { CallOutcome } from '../breakers.ts'
import type { Health } from '../health/checkedUpstream.ts'
import type { PooledAddress } from '../pools.ts'
import type { Latency } from './latency.ts'

/** Is told what became of each try. */
export type Observer = PooledAddress['ended']

/** What a try that failed is taken to have needed at least, in milliseconds: to fail fast is not to be fast. */
const leastOfFault = 1000

/** Statuses by which a backend says that it, or what it asks, is not there: those of a gateway. */
const isGatewayFault = (status: number | null): boolean => status === null || (status >= 502 && status <= 504)

interface Observing {
  readonly address: string
  /** null = nobody measures. */
  readonly latency: Latency | null
  readonly observe: Health['observe']
  /** Monotonic milliseconds. */
  readonly now: () => number
}

export const observerOf =
  ({ address, latency, observe, now }: Observing): Observer =>
  (outcome, time, status) => {
    const failed = outcome === 'fault'
    if (failed) latency?.observe(Math.max(leastOfFault, time ?? 0), now())
    else if (time !== null) latency?.observe(time, now())
    if (outcome !== 'neutral') observe?.(address, !(failed && isGatewayFault(status)))
  }

/** Connections to an address that somebody watches. */
export class ObservedAddress implements PooledAddress {
  readonly held: PooledAddress
  readonly #observe: Observer

  constructor(held: PooledAddress, observe: Observer) {
    this.held = held
    this.#observe = observe
  }

  get pool(): PooledAddress['pool'] {
    return this.held.pool
  }

  get address(): string {
    return this.held.address
  }

  get inFlight(): number {
    return this.held.inFlight
  }

  set inFlight(count: number) {
    this.held.inFlight = count
  }

  ended(outcome: CallOutcome, latency: number | null, status: number | null): void {
    this.#observe(outcome, latency, status)
    this.held.ended(outcome, latency, status)
  }
}
