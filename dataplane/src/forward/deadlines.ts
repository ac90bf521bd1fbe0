import type { Clock } from '../clock.ts'
import type { PermitContent } from '../gateway/gateway.ts'
import type { Alarm, Alarms, Sleeper } from './alarms.ts'

type Timeouts = PermitContent['plan']['action']['timeouts']

/** Which limit has been reached: that of one try, one that ends the exchange, or the one that the caller itself has set. */
export type Expiry = 'try' | 'exchange' | 'call'

/** What time is told by. */
export interface Timekeeping {
  readonly clock: Clock
  readonly alarms: Alarms
}

/**
 * The limits of one exchange: a single alarm that looks, whenever it fires, at what has happened since. `request`, and
 * `backendRequest` of each try, cover everything up to the end of the response; of a response whose length is not known
 * beforehand, a stream, only the head. `idle` bounds the silence while bytes are expected in either direction. What the
 * caller itself waits for bounds a stream too.
 */
export class Deadlines implements Sleeper {
  readonly #clock: Clock
  readonly #alarms: Alarms
  readonly #idle: number
  readonly #backendRequest: number
  readonly #expired: (limit: Expiry) => void
  #request: number
  #call = Infinity
  #try = Infinity
  #active = 0
  #idleApplies = false
  #began = false
  #alarm: Alarm | null = null
  #due = Infinity

  /**
   * Nothing ends before {@link Deadlines.rest} or {@link Deadlines.tryBegan} is called.
   *
   * @param arrived - monotonic time of the request's head; `request` counts from there
   */
  constructor(time: Timekeeping, timeouts: Timeouts, arrived: number, expired: (limit: Expiry) => void) {
    this.#clock = time.clock
    this.#alarms = time.alarms
    this.#idle = timeouts.idle === 0 ? Infinity : timeouts.idle
    this.#expired = expired
    this.#backendRequest = timeouts.backendRequest === 0 ? Infinity : timeouts.backendRequest
    this.#request = timeouts.request === 0 ? Infinity : arrived + timeouts.request
  }

  /** The caller itself waits only until then for all of the response, a stream too. @param end - monotonic */
  endBy(end: number): void {
    this.#call = end
    this.#request = Math.min(this.#request, end)
  }

  /** Milliseconds until `request` is over. */
  left(now: number): number {
    return this.#request - now
  }

  /** Nothing is expected of anybody until the next try begins. */
  rest(now: number): void {
    this.#try = Infinity
    this.#idleApplies = false
    this.#arm(now)
  }

  /** @param uploading - whether a request body is still expected */
  tryBegan(uploading: boolean, now: number): void {
    this.#try = now + this.#backendRequest
    this.#active = now
    this.#idleApplies = uploading
    this.#arm(now)
  }

  /** Bytes have moved. */
  touch(): void {
    this.#active = this.#clock.monotonic()
  }

  /**
   * The response has begun; from here on silence counts, and a stream has no other limit.
   *
   * @param now - monotonic
   */
  responseBegan(isStream: boolean, now: number): void {
    this.#active = now
    if (isStream) {
      this.#request = this.#call
      this.#try = Infinity
    }
    this.#began = true
    this.#idleApplies = true
    if (this.#nextDue() < this.#due) this.#arm(this.#active)
  }

  /** The whole request has been sent: waiting for the head of the answer is not silence. */
  requestSent(): void {
    this.#idleApplies = this.#began
  }

  close(): void {
    if (this.#alarm !== null) this.#alarms.give(this.#alarm)
    this.#alarm = null
  }

  #nextDue(): number {
    const whole = Math.min(this.#request, this.#try)
    return this.#idleApplies ? Math.min(whole, this.#active + this.#idle) : whole
  }

  #arm(now: number): void {
    this.close()
    this.#due = this.#nextDue()
    if (this.#due !== Infinity) this.#alarm = this.#alarms.take(this.#due, now, this)
  }

  wake(): void {
    this.#alarm = null
    const now = this.#clock.monotonic()
    if (now < this.#nextDue()) this.#arm(now)
    else this.#expired(this.#expiryAt(now))
  }

  #expiryAt(now: number): Expiry {
    if (now >= this.#call) return 'call'
    return now >= this.#try && now < this.#request ? 'try' : 'exchange'
  }
}
