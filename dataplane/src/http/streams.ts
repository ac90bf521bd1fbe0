import { inSlices, type Steps } from '../slices.ts'
import type { Clock } from '../clock.ts'
import type { RawRequest } from '../gateway/facts.ts'
import { isRefusal, type Gateway, type Opinion } from '../gateway/gateway.ts'
import type { RefusalCode } from '../gateway/refusal.ts'
import { rehearsal } from '../gateway/rehearsal.ts'
import type { Witness } from '../gateway/witness.ts'
import { PlacedList, type Placed } from './placedList.ts'

/** A request on its way through a backend, which may take for as long as it likes. */
export interface Stream extends Placed {
  readonly raw: RawRequest
  /** Monotonic. */
  readonly arrived: number
  /** Milliseconds since the epoch at which its credential stops being valid; null = never. */
  readonly expiresAt: number | null
  /** When it has reached its greatest age, monotonic; Infinity = it is no stream, or has none. */
  readonly agedAt: number
  /** The gateway that admitted it last. */
  admittedBy: Gateway | null
  /** Ends it so that the client cannot take what it has for the whole. */
  end(code: RefusalCode): void
}

interface StreamsOptions {
  readonly clock: Clock
  /** The one that admits new requests; null = none does. */
  readonly gateway: () => Gateway | null
}

/** What has run for this long is looked at, this often. Milliseconds. */
const interval = 1_000
/** Most requests that are admitted anew in one look, so that no other waits for them. */
const maxReadmitted = 1_000

/**
 * Ends what runs on although it would not be let in now (M17): when its credential has expired, when a change refuses the
 * request that it began with, and when it is a stream of the greatest age. A request that is over within a second costs
 * two writes to a list.
 */
export class Streams {
  readonly #streams = new PlacedList<Stream>()
  readonly #clock: Clock
  readonly #gateway: StreamsOptions['gateway']
  readonly #rehearsal: Witness
  readonly #timer: NodeJS.Timeout
  #looking = false

  constructor({ clock, gateway }: StreamsOptions) {
    this.#clock = clock
    this.#gateway = gateway
    this.#rehearsal = rehearsal(clock)
    this.#timer = setInterval(() => this.look(), interval).unref()
  }

  add(stream: Stream): void {
    this.#streams.add(stream)
  }

  delete(stream: Stream): void {
    this.#streams.delete(stream)
  }

  /** Looks once at everything that has run for a while, unless it is still at it. */
  look(): void {
    if (this.#looking) return
    this.#looking = true
    void inSlices(this.#steps(), () => this.#clock.monotonic())
  }

  *#steps(): Steps<void> {
    const monotonic = this.#clock.monotonic()
    const now = this.#clock.now()
    const gateway = this.#gateway()
    let left = maxReadmitted
    for (const stream of this.#streams) {
      if (stream.arrived > monotonic - interval) continue
      if (stream.agedAt <= monotonic) stream.end('stream-expired')
      else if (stream.expiresAt !== null && stream.expiresAt <= now) stream.end('unauthenticated')
      else if (gateway !== null && stream.admittedBy !== gateway && left > 0) {
        left--
        yield
        this.#readmit(stream, gateway)
      }
    }
    this.#looking = false
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #readmit(stream: Stream, gateway: Gateway): void {
    const before = stream.admittedBy
    stream.admittedBy = gateway
    const opinion = gateway.judge(stream.raw, this.#rehearsal)
    const conclude = (late: Opinion): void => {
      if (!isRefusal(late)) return
      // That nobody can tell is no change: it is asked again.
      if (late.code === 'key-set-unavailable' || late.code === 'introspection-unavailable') stream.admittedBy = before
      else if (this.#streams.has(stream)) stream.end(late.code)
    }
    if (opinion instanceof Promise) opinion.then(conclude, () => stream.end('internal-error'))
    else conclude(opinion)
  }
}
