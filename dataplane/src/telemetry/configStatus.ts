import type { Clock } from '../clock.ts'
import type { SyncEvent } from '../sync/client.ts'
import type { Sample } from './requestCounters.ts'

/** What is to be reported of the configuration and of the channel that it comes by. */
export class ConfigStatus {
  readonly #clock: Clock
  readonly #updates = new Map<string, number>()
  #connected = false
  #revision: string | null = null
  #since = 0
  #refused = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  observe(event: SyncEvent): void {
    if (event.type === 'connected') this.#connected = true
    else if (event.type === 'disconnected') this.#connected = false
    else if (event.type === 'nacked') this.#count(event.reason)
    else {
      this.#count('applied')
      this.#revision = event.revision
      this.#refused = event.refused.length
      this.#since = this.#clock.monotonic()
    }
  }

  info(): Sample[] {
    return this.#revision === null ? [] : [{ labels: { revision: this.#revision }, value: 1 }]
  }

  age(): Sample[] {
    if (this.#revision === null) return []
    return [{ labels: {}, value: (this.#clock.monotonic() - this.#since) / 1000 }]
  }

  updates(): Sample[] {
    return [...this.#updates].map(([result, value]) => ({ labels: { result }, value }))
  }

  refused(): Sample[] {
    return [{ labels: {}, value: this.#refused }]
  }

  connected(): Sample[] {
    return [{ labels: {}, value: this.#connected ? 1 : 0 }]
  }

  #count(result: string): void {
    this.#updates.set(result, (this.#updates.get(result) ?? 0) + 1)
  }
}
