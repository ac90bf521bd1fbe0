import { EventEmitter } from 'node:events'
import type { Action } from '@gatehouse/contract'
import CircuitBreaker from 'opossum'
import type { Clock } from '../clock.ts'

/** When a breaker opens and for how long; see the contract. */
export type BreakerSettings = NonNullable<Extract<Action, { type: 'Forward' }>['breaker']>

export type BreakerState = 'closed' | 'open' | 'half-open'

/**
 * How the head phase of a call went. `neutral` says nothing about the upstream: the client went away, or the gateway
 * never got to ask.
 */
export type CallOutcome = 'success' | 'fault' | 'neutral'

/** Leave to make one call; must be reported exactly once, whatever happens. */
export interface BreakerCall {
  /** @param took - milliseconds in which the answer began; absent or null = none did, or it says nothing about the upstream */
  report(outcome: CallOutcome, took?: number | null): void
}

/** What becomes of a breaker. */
export type BreakerChange = 'opened' | 'closed' | 'forgotten'

/** Whose breaker it is. */
export interface BreakerOwner {
  /** `namespace/name`. */
  readonly route: string
  readonly rule: string
  /** Its name. */
  readonly upstream: string
}

/** @param key - of a breaker */
export function breakerOwner(key: string): BreakerOwner {
  const [rule = '', upstream = ''] = key.split(' ')
  const slash = rule.lastIndexOf('/')
  return { route: rule.slice(0, slash), rule: rule.slice(slash + 1), upstream }
}

/** The circuit is open: nothing may be sent. */
export interface OpenCircuit {
  /** Milliseconds until a probe may be sent. */
  readonly retryIn: number
}

const buckets = 10
/** Milliseconds; a shorter window is as long as this makes it. */
const minRotation = 10
const sweepInterval = 30_000
/** How long a breaker without calls is remembered beyond its window, in milliseconds. */
const memory = 60_000

interface Probe {
  /** Monotonic, milliseconds. */
  readonly began: number
}

interface Entry {
  readonly key: string
  settings: BreakerSettings
  circuit: CircuitBreaker<[boolean], void>
  /** Grows with each change of state: a call reports only to the state that it began in. */
  generation: number
  /** The newest call that may decide a half-open circuit; null = none is on its way. */
  probe: Probe | null
  openedAt: number
  lastUsed: number
}

/**
 * Circuit breakers by (route, rule, backend); they survive snapshots (M16). opossum keeps the rolling window and the
 * state; a call reaches it only when its outcome is known, so neither a rejected, aborted or stale call nor one that
 * never ends can move a circuit.
 */
export class Breakers {
  readonly #entries = new Map<string, Entry>()
  readonly #rotators = new Map<number, { emitter: EventEmitter; timer: NodeJS.Timeout }>()
  readonly #clock: Clock
  readonly #observe: (key: string, change: BreakerChange) => void
  readonly #sweeper: NodeJS.Timeout

  constructor(clock: Clock, observe: (key: string, change: BreakerChange) => void = ignore) {
    this.#clock = clock
    this.#observe = observe
    this.#sweeper = setInterval(() => this.sweep(), sweepInterval).unref()
  }

  /**
   * A half-open circuit lets one call through, and another one each time that `openFor` has passed without an outcome:
   * a client that does not finish its upload must not keep the circuit from closing.
   *
   * @param key - `namespace/route/rule` and the name of the upstream
   * @param settings - when they differ from before, the counts and the state stay
   */
  enter(key: string, settings: BreakerSettings): BreakerCall | OpenCircuit {
    const entry = this.#entry(key, settings)
    const now = this.#clock.monotonic()
    entry.lastUsed = now
    const { circuit } = entry
    const since = circuit.opened ? entry.openedAt : (entry.probe?.began ?? -Infinity)
    const retryIn = since + entry.settings.openFor - now
    if (circuit.opened || retryIn > 0) return { retryIn: Math.max(1, retryIn) }
    entry.probe = circuit.halfOpen ? { began: now } : null
    return this.#call(entry, entry.probe)
  }

  /** The state of each breaker that is in use. */
  *states(): Iterable<{ readonly key: string; readonly state: BreakerState }> {
    for (const { key, circuit } of this.#entries.values()) yield { key, state: stateOf(circuit) }
  }

  /** Forgets breakers that had no call for longer than they remember anything. */
  sweep(): void {
    const now = this.#clock.monotonic()
    for (const entry of this.#entries.values()) {
      if (now - entry.lastUsed < entry.settings.window + entry.settings.openFor + memory) continue
      this.#entries.delete(entry.key)
      entry.circuit.shutdown()
      this.#observe(entry.key, 'forgotten')
    }
    for (const [interval, { emitter, timer }] of this.#rotators) {
      if (emitter.listenerCount('rotate') > 0) continue
      clearInterval(timer)
      this.#rotators.delete(interval)
    }
  }

  close(): void {
    clearInterval(this.#sweeper)
    for (const { circuit } of this.#entries.values()) circuit.shutdown()
    for (const { timer } of this.#rotators.values()) clearInterval(timer)
    this.#entries.clear()
    this.#rotators.clear()
  }

  #call(entry: Entry, probe: Probe | null): BreakerCall {
    const { generation } = entry
    let reported = false
    return {
      report: (outcome, took = null) => {
        if (reported) return
        reported = true
        if (generation !== entry.generation) return
        if (outcome === 'neutral') {
          if (entry.probe === probe) entry.probe = null
          return
        }
        const { slowCall } = entry.settings
        const slow = slowCall !== null && took !== null && took > slowCall
        void entry.circuit.fire(outcome === 'success' && !slow).catch(ignore)
      },
    }
  }

  #entry(key: string, settings: BreakerSettings): Entry {
    const known = this.#entries.get(key)
    if (known === undefined) {
      const circuit = new CircuitBreaker(judge, this.#options(settings))
      const entry: Entry = { key, settings, circuit, generation: 0, probe: null, openedAt: 0, lastUsed: 0 }
      this.#entries.set(key, entry)
      this.#follow(entry)
      return entry
    }
    if (known.settings !== settings && !sameSettings(known.settings, settings)) this.#change(known, settings)
    known.settings = settings
    return known
  }

  #follow(entry: Entry): void {
    const turn = (): void => {
      entry.generation++
      entry.probe = null
    }
    entry.circuit.on('halfOpen', turn)
    entry.circuit.on('close', () => {
      turn()
      this.#observe(entry.key, 'closed')
    })
    entry.circuit.on('open', () => {
      turn()
      entry.openedAt = this.#clock.monotonic()
      this.#observe(entry.key, 'opened')
    })
  }

  /** opossum reads its options once, so new ones take a new circuit, which inherits state and, if it fits, the window. */
  #change(entry: Entry, settings: BreakerSettings): void {
    const old = entry.circuit
    const state = stateOf(old)
    const keepsWindow = entry.settings.window === settings.window
    const inherited = keepsWindow ? { status: old.status } : {}
    old.shutdown()
    const circuit = new CircuitBreaker(judge, { ...this.#options(settings), ...inherited })
    // A window that changes hands has lost its place at the rotator with the shutdown of the old circuit.
    circuit.enable()
    entry.circuit = circuit
    entry.settings = settings
    this.#follow(entry)
    entry.generation++
    entry.probe = null
    if (state !== 'closed') circuit.open()
  }

  #options(settings: BreakerSettings): CircuitBreaker.Options<[boolean]> {
    return {
      timeout: false,
      rollingCountTimeout: settings.window,
      rollingCountBuckets: buckets,
      volumeThreshold: settings.minRequests,
      // opossum opens above its threshold, the API at it; 100 % could never be exceeded.
      errorThresholdPercentage: settings.errorPercent - 1e-6,
      resetTimeout: settings.openFor,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      rotateBucketController: this.#rotator(Math.max(minRotation, Math.floor(settings.window / buckets))),
    }
  }

  /** One timer for all windows of the same length. */
  #rotator(interval: number): EventEmitter {
    let rotator = this.#rotators.get(interval)
    if (rotator === undefined) {
      const emitter = new EventEmitter().setMaxListeners(0)
      rotator = { emitter, timer: setInterval(() => emitter.emit('rotate'), interval).unref() }
      this.#rotators.set(interval, rotator)
    }
    return rotator.emitter
  }
}

const fault = new Error('the call failed')

/** Thrown, not rejected: so the circuit is open before the next call asks. */
function judge(succeeded: boolean): Promise<void> {
  if (!succeeded) throw fault
  return Promise.resolve()
}

const ignore = (): void => {}

const stateOf = (circuit: CircuitBreaker<[boolean], void>): BreakerState =>
  circuit.opened ? 'open' : circuit.halfOpen ? 'half-open' : 'closed'

const sameSettings = (one: BreakerSettings, other: BreakerSettings): boolean =>
  one.errorPercent === other.errorPercent &&
  one.minRequests === other.minRequests &&
  one.window === other.window &&
  one.openFor === other.openFor
