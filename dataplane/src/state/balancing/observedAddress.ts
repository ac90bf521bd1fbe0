import type { CallOutcome } from '../breakers.ts'
import type { PooledAddress } from '../pools.ts'

/** Is told what became of each try. */
export type Observer = (outcome: CallOutcome, latency: number | null) => void

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

  ended(outcome: CallOutcome, latency: number | null): void {
    this.#observe(outcome, latency)
    this.held.ended(outcome, latency)
  }
}
