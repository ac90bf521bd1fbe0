import type { Clock } from '../clock.ts'
import type { SyncEvent } from '../sync/event.ts'
import type { Sample } from './requestCounters.ts'

interface Serving {
  readonly revision: string
  readonly issuedAt: number
  readonly refused: number
  /** From the last good snapshot, not yet from a controller. */
  readonly restored: boolean
}

/** What is to be reported of the configuration and of the channel that it comes by. */
export class ConfigStatus {
  readonly #clock: Clock
  readonly #updates = new Map<string, number>()
  #connected = false
  #serving: Serving | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  observe(event: SyncEvent): void {
    switch (event.type) {
      case 'connected':
        this.#connected = true
        break
      case 'disconnected':
      case 'no-credentials':
      case 'not-leader':
        this.#connected = false
        break
      case 'nacked':
        this.#count(event.reason)
        break
      case 'expired':
        this.#serving = null
        break
      case 'applied':
      case 'confirmed':
        this.#count(event.type)
        this.#serves(event, false)
        break
      case 'restored':
        this.#serves(event, true)
        break
      case 'not-restored':
      case 'not-kept':
        break
    }
  }

  info(): Sample[] {
    return this.#serving === null ? [] : [{ labels: { revision: this.#serving.revision }, value: 1 }]
  }

  age(): Sample[] {
    if (this.#serving === null) return []
    // A leader whose clock is ahead has not spoken in the future.
    return [{ labels: {}, value: Math.max(0, this.#clock.now() - this.#serving.issuedAt) / 1000 }]
  }

  restored(): Sample[] {
    return [{ labels: {}, value: this.#serving?.restored ? 1 : 0 }]
  }

  updates(): Sample[] {
    return [...this.#updates].map(([result, value]) => ({ labels: { result }, value }))
  }

  refused(): Sample[] {
    return [{ labels: {}, value: this.#serving?.refused ?? 0 }]
  }

  connected(): Sample[] {
    return [{ labels: {}, value: this.#connected ? 1 : 0 }]
  }

  #serves({ revision, issuedAt, refused }: Extract<SyncEvent, { issuedAt: number }>, restored: boolean): void {
    this.#serving = { revision, issuedAt, refused: refused.length, restored }
  }

  #count(result: string): void {
    this.#updates.set(result, (this.#updates.get(result) ?? 0) + 1)
  }
}
