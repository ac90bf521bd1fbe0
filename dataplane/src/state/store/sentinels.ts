import type { StoreConnection, StoreLogin } from './connection.ts'
import { StoreError } from './fault.ts'
import { connectTo, type StoreServer, type StoreSite } from './site.ts'
import { within } from './within.ts'

/** Who leads, by the word of a Sentinel. */
export interface Leadership {
  readonly server: StoreServer
  /** Grows with each leader that Sentinels make: of two words the one of the greater is the newer. */
  readonly epoch: number
}

export interface SentinelSearch {
  readonly servers: readonly StoreServer[]
  /** What the Sentinels call what they watch. */
  readonly primary: string
  readonly login: StoreLogin | null
  readonly site: StoreSite
  /** Milliseconds in which each must answer to be heard. */
  readonly timeout: number
}

/** Milliseconds between two looks whether another leads. */
const lookEvery = 1000

/**
 * The Sentinels of a store. One alone may have been cut off or stopped together with a leader that has been replaced, and
 * still name it; so all are asked, and the newest word counts.
 */
export class Sentinels {
  readonly #sentinels: readonly Sentinel[]
  readonly #timeout: number
  #timer: NodeJS.Timeout | undefined

  constructor(search: SentinelSearch) {
    this.#sentinels = search.servers.map((server) => new Sentinel(search, server))
    this.#timeout = search.timeout
  }

  /**
   * @returns the newest of what is said in time; who is slower than the first by more than the timeout is not waited for
   * @throws Error of the last Sentinel when none says anything
   */
  async leader(): Promise<Leadership> {
    const heard: Leadership[] = []
    const asked = this.#sentinels.map(async (sentinel) => heard.push(await sentinel.ask()))
    try {
      await Promise.any(asked)
    } catch (error) {
      throw error instanceof AggregateError ? (error.errors.at(-1) ?? new StoreError('unreachable')) : error
    }
    await within(this.#timeout, Promise.allSettled(asked)).catch(() => {})
    return heard.reduce((newest, word) => (word.epoch > newest.epoch ? word : newest))
  }

  /**
   * Looks again and again, until closed. A leader that was stopped or cut off goes on as one when it comes back, until
   * the Sentinels reach it; what it counts meanwhile is lost.
   *
   * @param replaced - told once when there is a newer leader at another place. Sentinels that say nothing change nothing.
   */
  watch({ server, epoch }: Leadership, replaced: () => void): void {
    const look = async (): Promise<void> => {
      const newest = await this.leader().catch(() => null)
      if (this.#timer === undefined) return
      const same = newest?.server.host === server.host && newest.server.port === server.port
      if (newest !== null && !same && newest.epoch > epoch) return replaced()
      this.#timer = again()
    }
    const again = (): NodeJS.Timeout => setTimeout(() => void look(), lookEvery).unref()
    this.#timer = again()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const sentinel of this.#sentinels) sentinel.close()
  }
}

/** One of them, with a connection that is kept for the next question. */
class Sentinel {
  readonly #search: SentinelSearch
  readonly #server: StoreServer
  #connection: StoreConnection | null = null
  /** The question that is under way. */
  #asking: Promise<Leadership> | null = null
  #closed = false

  constructor(search: SentinelSearch, server: StoreServer) {
    this.#search = search
    this.#server = server
  }

  ask(): Promise<Leadership> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = null))
    return this.#asking
  }

  close(): void {
    this.#closed = true
    this.#drop()
  }

  async #ask(): Promise<Leadership> {
    const { primary, timeout } = this.#search
    const connection = this.#connection ?? (await this.#connect())
    try {
      // The epoch first: an address that is newer than its epoch does no harm, and the other way round nobody would look for it.
      const master = connection.send(['SENTINEL', 'MASTER', primary])
      const address = connection.send(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', primary])
      const [fields, place] = await within(timeout, Promise.all([master, address]))
      return { server: serverOf(place), epoch: epochOf(fields) }
    } catch (error) {
      this.#drop()
      throw error
    }
  }

  async #connect(): Promise<StoreConnection> {
    const { site, login } = this.#search
    const connection = await connectTo(site, this.#server, login, () => (this.#connection = null))
    if (this.#closed) {
      connection.close()
      throw new StoreError('unreachable')
    }
    this.#connection = connection
    return connection
  }

  #drop(): void {
    this.#connection?.close()
    this.#connection = null
  }
}

function serverOf(reply: unknown): StoreServer {
  const [host, port] = textsOf(reply)
  if (host === undefined || !/^[0-9A-Za-z._:-]{1,253}$/.test(host)) throw new StoreError('malformed')
  if (port === undefined || !/^\d{1,5}$/.test(port)) throw new StoreError('malformed')
  return { host, port: Number(port) }
}

/** Names and values in turn. */
function epochOf(reply: unknown): number {
  const fields = textsOf(reply)
  const value = fields[fields.indexOf('config-epoch') + 1]
  if (!fields.includes('config-epoch') || value === undefined || !/^\d{1,15}$/.test(value))
    throw new StoreError('malformed')
  return Number(value)
}

const textsOf = (reply: unknown): readonly (string | undefined)[] =>
  Array.isArray(reply) ? reply.map((part: unknown) => (typeof part === 'string' ? part : undefined)) : []
