import type { StoreFault } from '@gatehouse/contract'
import { Shares, type ShareLimits } from './shares.ts'
import type { StoreConnection } from './connection.ts'
import { faultOf, lacksScript, StoreError } from './fault.ts'
import { byName, byText, type StoreScript } from './script.ts'
import { within } from './within.ts'

/** What the link came to be. */
export type LinkState = 'connecting' | 'up' | 'down'

export type StoreReply =
  { readonly ok: true; readonly reply: unknown } | { readonly ok: false; readonly fault: StoreFault }

export interface LinkOptions {
  /** Connects to the server that takes writes, which has just shown that it does; `lost` is told when it is the one no more. */
  readonly open: (lost: (why: StoreFault) => void) => Promise<StoreConnection>
  /** Milliseconds in which a call is answered, or does not count. */
  readonly deadline: number
  /** From 0 up to, but not including, 1. */
  readonly random: () => number
  /** Told of each failed call. */
  readonly failed: (fault: StoreFault) => void
  /** Told when the link comes up, and with the reason when it goes down or does not come up at first. */
  readonly changed: (fault: StoreFault | null) => void
}

/** So many calls in a row without an answer, and the link is down. */
const patience = 5
/** A connection has room for 2,000, of which those take some that were given up and not answered yet. */
const callLimits: ShareLimits = { total: 1000, perNamespace: 500, guaranteed: 10, most: 1800 }
/** After one of these the server is not the one to ask. */
const final: ReadonlySet<StoreFault> = new Set([
  'unreachable',
  'denied',
  'readonly',
  'moved',
  'loading',
  'out-of-memory',
  'cluster-down',
])
/** Milliseconds between two attempts to connect: from, and up to. */
const pause = { least: 100, most: 1000 }

/**
 * A breaker and a connection in one: calls that fail in a row, or the word of a server that it does not take writes, end the
 * connection. While there is none, calls fail at once. What stands for the probe of a breaker is the next attempt
 * to connect: it looks for the leader anew, and succeeds with a server that has taken a write in time.
 */
export class StoreLink {
  readonly #options: LinkOptions
  #state: LinkState = 'connecting'
  #connection: StoreConnection | null = null
  /** The first attempt, for which calls wait as long as they would for an answer; null = it is over. */
  #beginning: Promise<void> | null
  #timer: NodeJS.Timeout | undefined
  /** Calls in a row that failed. */
  #failures = 0
  /** Attempts to connect in a row after which no call was answered. */
  #attempts = 0
  readonly #calls = new Shares(callLimits)
  /** Why there is no connection. */
  #why: StoreFault = 'unreachable'
  #closed = false

  constructor(options: LinkOptions) {
    this.#options = options
    this.#beginning = this.#connect().finally(() => (this.#beginning = null))
  }

  get state(): LinkState {
    return this.#state
  }

  /** Why it is down; null = it is not. */
  get fault(): StoreFault | null {
    return this.#state === 'down' ? this.#why : null
  }

  /** Milliseconds in which a call is answered, or does not count. */
  get deadline(): number {
    return this.#options.deadline
  }

  /**
   * Runs a script once. Never rejects, and never takes longer than the deadline.
   *
   * @param namespace - whose request asks; empty = nobody's
   * @returns what the store says, or why it is not known what the store did
   */
  async run(
    script: StoreScript,
    keys: readonly string[],
    values: readonly string[],
    namespace: string,
  ): Promise<StoreReply> {
    if (this.#state === 'down') return { ok: false, fault: this.#why }
    if (!this.#calls.take(namespace)) {
      this.#options.failed('saturated')
      return { ok: false, fault: 'saturated' }
    }
    try {
      const reply = await within(this.#options.deadline, this.#send(script, keys, values))
      this.#failures = 0
      this.#attempts = 0
      return { ok: true, reply }
    } catch (error) {
      return { ok: false, fault: this.fail(faultOf(error)) }
    } finally {
      this.#calls.giveBack(namespace)
    }
  }

  /** Counts a failure that only the caller could see. */
  fail(fault: StoreFault): StoreFault {
    this.#failures++
    this.#options.failed(fault)
    if (this.#state === 'up' && (this.#failures >= patience || final.has(fault))) this.#goDown(fault)
    return fault
  }

  close(): void {
    this.#closed = true
    this.#state = 'down'
    clearTimeout(this.#timer)
    this.#connection?.close()
    this.#connection = null
  }

  async #send(script: StoreScript, keys: readonly string[], values: readonly string[]): Promise<unknown> {
    if (this.#beginning !== null) await this.#beginning
    const connection = this.#connection
    if (connection === null) throw new StoreError(this.#why)
    try {
      return await connection.send(byName(script, keys, values))
    } catch (error) {
      if (!lacksScript(error)) throw error
      return connection.send(byText(script, keys, values))
    }
  }

  async #connect(): Promise<void> {
    let made: StoreConnection | null = null
    let ended: StoreFault | null = null
    try {
      const connection = await this.#options.open((why) => {
        ended = why
        if (made !== null && this.#connection === made) this.#goDown(why)
      })
      if (ended !== null || this.#closed) connection.close()
      if (ended !== null) throw new StoreError(ended)
      if (this.#closed) return
      made = connection
      this.#connection = connection
      this.#failures = 0
      this.#state = 'up'
      this.#options.changed(null)
    } catch (error) {
      this.#goDown(faultOf(error))
    }
  }

  #goDown(fault: StoreFault): void {
    const before = this.#state
    this.#state = 'down'
    this.#why = fault
    this.#connection?.close()
    this.#connection = null
    if (this.#closed) return
    if (before !== 'down') this.#options.changed(fault)
    const longest = Math.min(pause.most, pause.least * 2 ** this.#attempts++)
    this.#timer = setTimeout(() => void this.#connect(), longest * (0.5 + this.#options.random() / 2)).unref()
  }
}
