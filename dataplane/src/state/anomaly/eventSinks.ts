import type { Anomaly, ResourceSpec } from '@gatehouse/contract'
import { addressRules } from '../addressRules.ts'
import { systemResolve } from '../checkedDialer.ts'
import { createLeases, type Lease } from '../lease.ts'
import { post } from '../post.ts'
import { otlpBody, webhookBody, type EventBody } from './eventBody.ts'
import type { SpikeEvent } from './spikeEvent.ts'

type Target = NonNullable<Anomaly['events']>

/** Where events go, with all that decides how. */
export interface SinkSettings extends Pick<Target, 'type' | 'url' | 'addresses'> {
  /** PEM certificates in place of the system's authorities; null = the system's. */
  readonly anchors: readonly string[] | null
  readonly outbound: ResourceSpec<'installation'>['outbound']
}

/** Takes events, and never makes anybody wait. */
export interface EventSink {
  send(event: SpikeEvent): void
}

/** What became of events: `rejected`, the receiver does not want them; `failed`, it could not be reached for minutes; `dropped`, too many waited. */
export const eventOutcomes = ['delivered', 'rejected', 'failed', 'dropped'] as const
export type EventOutcome = (typeof eventOutcomes)[number]

/** The receivers of all snapshots. */
export interface EventSinks {
  /** @param identity - of the policy and all settings (M16) */
  acquire(identity: string, settings: SinkSettings): Lease<EventSink>
  outcomes(): Iterable<readonly [EventOutcome, number]>
  close(): void
}

export interface DeliveryPace {
  /** Most events that wait for one receiver. */
  readonly waiting: number
  /** How often one is sent before it counts as failed. */
  readonly tries: number
  /** Milliseconds before the second try, doubled with each, up to `longestPause`. */
  readonly pause: number
  readonly longestPause: number
  /** For one try; milliseconds. */
  readonly time: number
}

/** All tries together take some three minutes. */
const defaultPace: DeliveryPace = { waiting: 256, tries: 8, pause: 1000, longestPause: 60_000, time: 5000 }

/** The body of an answer is not looked at, and 408 and 429 say that it may be tried again. */
function outcomeOf(status: number): 'delivered' | 'rejected' | 'again' {
  if (status >= 200 && status < 300) return 'delivered'
  return status < 500 && status !== 408 && status !== 429 ? 'rejected' : 'again'
}

class Sink implements EventSink {
  readonly #settings: SinkSettings
  readonly #pace: DeliveryPace
  readonly #random: () => number
  readonly #count: (outcome: EventOutcome) => void
  readonly #queue: SpikeEvent[] = []
  readonly #closing = new AbortController()
  #sending = false

  constructor(
    settings: SinkSettings,
    pace: DeliveryPace,
    random: () => number,
    count: (outcome: EventOutcome) => void,
  ) {
    this.#settings = settings
    this.#pace = pace
    this.#random = random
    this.#count = count
  }

  send(event: SpikeEvent): void {
    if (this.#closing.signal.aborted || this.#queue.length >= this.#pace.waiting) return this.#count('dropped')
    this.#queue.push(event)
    if (this.#sending) return
    this.#sending = true
    void this.#sendAll()
  }

  close(): void {
    this.#closing.abort()
    for (const _ of this.#queue.splice(0)) this.#count('dropped')
  }

  async #sendAll(): Promise<void> {
    for (let event = this.#queue[0]; event !== undefined; event = this.#queue[0]) {
      const outcome = await this.#deliver(this.#settings.type === 'OTLP' ? otlpBody(event) : webhookBody(event))
      // Who closed it has counted what was left.
      if (this.#queue[0] !== event) return
      this.#queue.shift()
      this.#count(outcome)
    }
    this.#sending = false
  }

  async #deliver(body: EventBody): Promise<EventOutcome> {
    for (let tried = 1; tried <= this.#pace.tries; tried++) {
      const outcome = await this.#try(body)
      if (outcome !== 'again') return outcome
      if (tried < this.#pace.tries) await this.#rest(tried)
      if (this.#closing.signal.aborted) return 'dropped'
    }
    return 'failed'
  }

  async #try(body: EventBody): Promise<ReturnType<typeof outcomeOf>> {
    const { url, outbound, addresses, anchors } = this.#settings
    const target = { uri: url, rules: addressRules(outbound), addresses, anchors, resolve: systemResolve }
    try {
      return outcomeOf(await post(target, body, this.#pace.time, this.#closing.signal))
    } catch {
      return 'again'
    }
  }

  #rest(tried: number): Promise<void> {
    const { pause, longestPause } = this.#pace
    const longest = Math.min(longestPause, pause * 2 ** (tried - 1))
    const { signal } = this.#closing
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, longest * (0.5 + this.#random() / 2))
      timer.unref()
      signal.addEventListener('abort', done)
    })
  }
}

export function createEventSinks(random: () => number, pace: DeliveryPace = defaultPace): EventSinks {
  const counts = new Map<EventOutcome, number>(eventOutcomes.map((outcome) => [outcome, 0]))
  const count = (outcome: EventOutcome): void => void counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  const leases = createLeases<Sink>((sink) => sink.close())
  return {
    acquire: (identity, settings) => leases.acquire(identity, () => new Sink(settings, pace, random, count)),
    outcomes: () => counts,
    close: () => {
      for (const sink of leases.values()) sink.close()
    },
  }
}
