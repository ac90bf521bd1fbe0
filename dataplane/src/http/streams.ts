import { inSlices, type Steps } from '../slices.ts'
import type { Clock } from '../clock.ts'
import type { RawRequest } from '../gateway/facts.ts'
import { isRefusal, type Gateway, type Opinion } from '../gateway/gateway.ts'
import type { RefusalCode } from '../gateway/refusal.ts'
import { rehearsal } from '../gateway/rehearsal.ts'
import type { Witness } from '../gateway/witness.ts'

/** A request on its way through a backend, which may take for as long as it likes. */
export interface Stream {
  readonly raw: RawRequest
  /** Monotonic. */
  readonly arrived: number
  /** Milliseconds since the epoch at which its credential stops being valid; null = never. */
  readonly expiresAt: number | null
  /** When it has reached its greatest age, monotonic; Infinity = it is no stream, or has none. */
  readonly agedAt: number
  /** The gateway that admitted it last. */
  admittedBy: Gateway | null
  /** Its place among those that are followed. */
  place: number
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
  /**
   * A place of one that is over is empty until the next takes it. A set would do, but it leaves old tables behind that
   * still point to requests which are over, and so makes all of them old before they can be collected.
   */
  readonly #places: (Stream | null)[] = []
  readonly #empty: number[] = []
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
    stream.place = this.#empty.pop() ?? this.#places.length
    this.#places[stream.place] = stream
  }

  delete(stream: Stream): void {
    if (this.#places[stream.place] !== stream) return
    this.#places[stream.place] = null
    this.#empty.push(stream.place)
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
    for (let place = 0; place < this.#places.length; place++) {
      const stream = this.#places[place] ?? null
      if (stream === null || stream.arrived > monotonic - interval) continue
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
      else if (this.#places[stream.place] === stream) stream.end(late.code)
    }
    if (opinion instanceof Promise) opinion.then(conclude, () => stream.end('internal-error'))
    else conclude(opinion)
  }
}
