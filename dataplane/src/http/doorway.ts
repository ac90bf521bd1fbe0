import type { Socket } from 'node:net'
import { canonicalAddress, clientNetwork, inAnyRange, parseAddress, type AddressRange } from '../address.ts'
import { firstBytes, type Look } from './firstBytes.ts'
import { readProxyHeader } from './proxyHeader.ts'

/** What a listener says of those who connect. */
export interface DoorRules {
  /** Peers that are believed. */
  readonly trusted: readonly AddressRange[]
  /** Addresses that many clients share. */
  readonly cluster: readonly AddressRange[]
  /** Whether each connection begins with a PROXY header. */
  readonly proxyProtocol: boolean
  /** Most connections. */
  readonly max: number
  /** Most connections of one client; null = `max`. */
  readonly perClient: number | null
}

/** Who has connected. */
export interface Peer {
  /** Canonical. */
  readonly address: string
  /** Whether a trusted proxy has said so. */
  readonly announced: boolean
}

/**
 * Why a connection was not let in: too many of the port, too many of one client, no PROXY header of a trusted peer, or it
 * was reset before anybody could ask whose it is.
 */
export type DoorRefusal = 'port-full' | 'client-full' | 'no-proxy-header' | 'gone'

/** Lets connections of a port in, and counts them. */
export class Doorway {
  readonly #timeout: number
  readonly #byClient = new Map<string, number>()
  readonly #refused = new Map<DoorRefusal, number>()
  #open = 0
  #rules: readonly DoorRules[]

  /**
   * @param rules - of all listeners of the port; where they differ the strictest counts
   * @param timeout - for a PROXY header, in milliseconds
   */
  constructor(rules: readonly DoorRules[], timeout: number) {
    this.#rules = rules
    this.#timeout = timeout
  }

  /** What counts for new connections. */
  update(rules: readonly DoorRules[]): void {
    this.#rules = rules
  }

  /** How often a connection was not let in, by reason. */
  refused(): ReadonlyMap<DoorRefusal, number> {
    return this.#refused
  }

  /** Calls `entered` when a connection may go on, and destroys it when it may not. */
  enter(transport: Socket, entered: (peer: Peer) => void): void {
    const rules = this.#rules
    if (rules.some(({ max }) => this.#open >= max)) {
      this.#refuse(transport, 'port-full')
      return
    }
    this.#open++
    transport.once('close', () => this.#open--)
    const address = addressOf(transport)
    // What it has sent could still be read, and would be counted and judged as of nobody.
    if (address === '') {
      this.#refuse(transport, 'gone')
      return
    }
    if (!rules.some(({ proxyProtocol }) => proxyProtocol)) {
      this.#admit(transport, { address, announced: false }, entered)
      return
    }
    transport.on('error', () => transport.destroy())
    if (!rules.every(({ trusted }) => isIn(address, trusted))) {
      this.#refuse(transport, 'no-proxy-header')
      return
    }
    const look = (bytes: Buffer): Look<Peer> => {
      const header = readProxyHeader(bytes)
      if (header.type === 'invalid') this.#count('no-proxy-header')
      if (header.type !== 'header') return header.type
      const { source, length } = header
      return { found: { address: source ?? address, announced: source !== null }, used: length }
    }
    firstBytes(transport, this.#timeout, look, (peer) => {
      this.#admit(transport, peer, entered)
      transport.resume()
    })
  }

  #admit(transport: Socket, peer: Peer, entered: (peer: Peer) => void): void {
    const bounds = this.#rules.flatMap(({ perClient }) => perClient ?? [])
    if (bounds.length === 0 || this.#isOfMany(peer)) {
      entered(peer)
      return
    }
    const client = clientNetwork(peer.address)
    const held = this.#byClient.get(client) ?? 0
    if (held >= Math.min(...bounds)) {
      this.#refuse(transport, 'client-full')
      return
    }
    this.#byClient.set(client, held + 1)
    transport.once('close', () => this.#leave(client))
    entered(peer)
  }

  /** Behind a proxy or a node there are many clients: their connections are nobody's alone. */
  #isOfMany({ address, announced }: Peer): boolean {
    return !announced && this.#rules.some(({ trusted, cluster }) => isIn(address, trusted) || isIn(address, cluster))
  }

  #leave(client: string): void {
    const held = this.#byClient.get(client) ?? 0
    if (held > 1) this.#byClient.set(client, held - 1)
    else this.#byClient.delete(client)
  }

  #refuse(transport: Socket, reason: DoorRefusal): void {
    this.#count(reason)
    transport.destroy()
  }

  #count(reason: DoorRefusal): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1)
  }
}

function isIn(address: string, ranges: readonly AddressRange[]): boolean {
  if (ranges.length === 0) return false
  const parsed = parseAddress(address)
  return parsed !== null && inAnyRange(parsed, ranges)
}

const addressOf = ({ remoteAddress }: Socket): string =>
  canonicalAddress(remoteAddress?.replace(/%.*$/, '') ?? '') ?? ''
