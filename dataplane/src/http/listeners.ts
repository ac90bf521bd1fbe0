import { canonicalJson, sha256, type Json, type RefusedResource, type ResourceSpec } from '@gatehouse/contract'
import { readableRanges } from '../address.ts'
import { socketOf } from '../gateway/socket.ts'
import type { DoorRefusal, DoorRules } from './doorway.ts'
import { defaultLimits } from './limits.ts'
import { Port, type PortListener } from './port.ts'
import type { Service } from './service.ts'
import { tlsListener, type TlsListener, type TlsResources } from './tlsListener.ts'

/** The resources that sockets are made from. */
export interface ListenerSet extends TlsResources {
  readonly listeners: ReadonlyMap<string, ResourceSpec<'listener'>>
}

/** Where a listener can be reached. */
export interface BoundListener {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly protocol: 'HTTP' | 'HTTPS'
}

interface OpenPort {
  readonly port: Port
  readonly protocol: 'HTTP' | 'HTTPS'
  names: readonly string[]
}

interface BuiltTls {
  readonly listener: TlsListener
  readonly refused: readonly RefusedResource[]
}

interface PlannedPort {
  readonly address: string
  readonly port: number
  readonly protocol: 'HTTP' | 'HTTPS'
  readonly listeners: PortListener[]
}

/** What happens when a port is taken. */
export interface PortRetry {
  /** Milliseconds to wait before it is tried again. @param failures - how often in a row; starts at 0 */
  delay(failures: number): number
  /** Called when one that was taken has been opened. @param refused - what still could not be built, as from `apply` */
  reopened(refused: readonly RefusedResource[]): void
}

interface Plan {
  readonly ports: ReadonlyMap<string, PlannedPort>
  /** What trying again does not mend. */
  readonly refused: readonly RefusedResource[]
}

/** How long connections of a port that is no longer wanted may go on, in milliseconds. */
const removalGrace = 30_000

/** The listening sockets of a data plane, made to match its listener resources. */
export class Listeners {
  readonly #service: Service
  readonly #retry: PortRetry
  readonly #open = new Map<string, OpenPort>()
  /** By everything they are made from: what does not change keeps its sessions. */
  #tls = new Map<string, BuiltTls>()
  /** Ports that are no longer wanted, and still have connections. */
  readonly #closing = new Set<Port>()
  #turn: Promise<unknown> = Promise.resolve()
  #plan: Plan = { ports: new Map(), refused: [] }
  #failures = 0
  #waiting: NodeJS.Timeout | null = null

  constructor(service: Service, retry: PortRetry) {
    this.#service = service
    this.#retry = retry
  }

  /**
   * Opens, updates and closes sockets. Connections of a socket that stays are never cut: they keep the certificate and the
   * client CAs that they began with. Those of one that goes end with their requests, or after {@link removalGrace}. A port
   * that is taken is tried again until it can be opened or is no longer wanted.
   *
   * @returns what could not be built; its listeners refuse every connection
   */
  apply(set: ListenerSet): Promise<RefusedResource[]> {
    const applied = this.#turn.then(() => this.#apply(set))
    this.#turn = applied.catch(() => {})
    return applied
  }

  bound(): BoundListener[] {
    return [...this.#open.values()].flatMap(({ port, protocol, names }) =>
      names.map((name) => ({ name, ...addressOf(port), protocol })),
    )
  }

  /** Connections by socket, under the name of its first listener. */
  connections(): { readonly listener: string; readonly count: number }[] {
    return [...this.#open.values()].map(({ port, names }) => ({ listener: names[0] ?? '', count: port.connections() }))
  }

  /** Connections that were not let in, likewise. */
  refused(): { readonly listener: string; readonly reason: DoorRefusal; readonly count: number }[] {
    return [...this.#open.values()].flatMap(({ port, names }) =>
      [...port.refused()].map(([reason, count]) => ({ listener: names[0] ?? '', reason, count })),
    )
  }

  /** Takes no new connections and ends the others as their requests end; after `graceMs` milliseconds all. */
  async close(graceMs: number): Promise<void> {
    this.#stopWaiting()
    await this.#turn
    this.#stopWaiting()
    for (const key of [...this.#open.keys()]) this.#retire(key, graceMs)
    await Promise.all([...this.#closing].map((port) => port.close(graceMs)))
  }

  async #apply(set: ListenerSet): Promise<RefusedResource[]> {
    this.#plan = this.#planOf(set)
    this.#failures = 0
    for (const [key, { protocol }] of this.#open) {
      if (this.#plan.ports.get(key)?.protocol !== protocol) this.#retire(key, removalGrace)
    }
    return await this.#provide()
  }

  async #provide(): Promise<RefusedResource[]> {
    this.#stopWaiting()
    const taken: RefusedResource[] = []
    for (const [key, wanted] of this.#plan.ports) {
      if (await this.#opens(key, wanted)) continue
      for (const { name } of wanted.listeners)
        taken.push({ resource: `listener/${name}`, field: '/port', reason: 'BuildFailed' })
    }
    if (taken.length > 0) this.#tryLater()
    return [...this.#plan.refused, ...taken]
  }

  #tryLater(): void {
    const again = async (): Promise<void> => {
      const before = this.#open.size
      const refused = await this.#provide()
      if (this.#open.size > before) this.#retry.reopened(refused)
    }
    const inTurn = (): void => {
      this.#turn = this.#turn.then(again).catch(() => {})
    }
    this.#waiting = setTimeout(inTurn, this.#retry.delay(this.#failures++)).unref()
  }

  #stopWaiting(): void {
    if (this.#waiting !== null) clearTimeout(this.#waiting)
    this.#waiting = null
  }

  /** Groups listeners by socket; a listener of another protocol than the first on its port is refused. */
  #planOf(set: ListenerSet): Plan {
    const refused: RefusedResource[] = []
    const ports = new Map<string, PlannedPort>()
    const built = new Map<string, BuiltTls>()
    for (const [name, spec] of [...set.listeners].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const { address, protocol, hostname } = spec
      // Two protocols can share port 0, because it is not one port.
      const key = JSON.stringify([address, spec.port, spec.port === 0 ? protocol : ''])
      const port = ports.get(key) ?? { address, port: spec.port, protocol, listeners: [] }
      if (port.protocol !== protocol || (protocol === 'HTTPS') !== (spec.tls !== null)) {
        refused.push({ resource: `listener/${name}`, field: '/protocol', reason: 'InvalidValue' })
        continue
      }
      ports.set(key, port)
      const tls = spec.tls === null ? null : this.#tlsOf(spec.tls, set, built)
      refused.push(...(tls?.refused ?? []))
      const listener = tls?.listener ?? null
      const door = doorRules(spec)
      port.listeners.push({ name, hostname, certificates: listener?.certificates ?? [], tls: listener, door })
    }
    this.#tls = built
    return { ports, refused }
  }

  #tlsOf(tls: NonNullable<ResourceSpec<'listener'>['tls']>, set: ListenerSet, built: Map<string, BuiltTls>): BuiltTls {
    const key = tlsKey(tls, set)
    let found = built.get(key) ?? this.#tls.get(key)
    if (found === undefined) {
      const refused: RefusedResource[] = []
      const { handshakeTimeout } = this.#service.limits ?? defaultLimits
      found = { listener: tlsListener(tls, set, handshakeTimeout, refused), refused }
    }
    built.set(key, found)
    return found
  }

  async #opens(key: string, wanted: PlannedPort): Promise<boolean> {
    const names = wanted.listeners.map(({ name }) => name)
    const open = this.#open.get(key)
    if (open !== undefined) {
      open.port.update(wanted.listeners)
      open.names = names
      return true
    }
    const port = new Port(this.#service, socketOf(wanted), wanted.listeners, wanted.protocol === 'HTTPS')
    try {
      await port.open(wanted.address, wanted.port)
    } catch {
      await port.close(0)
      return false
    }
    this.#open.set(key, { port, protocol: wanted.protocol, names })
    return true
  }

  #retire(key: string, grace: number): void {
    const open = this.#open.get(key)
    if (open === undefined) return
    this.#open.delete(key)
    const { port } = open
    this.#closing.add(port)
    void port.close(grace).finally(() => this.#closing.delete(port))
  }
}

const doorRules = ({ clientAddress, connections }: ResourceSpec<'listener'>): DoorRules => ({
  trusted: readableRanges(clientAddress.trustedCIDRs),
  cluster: readableRanges(clientAddress.clusterCIDRs),
  proxyProtocol: clientAddress.proxyProtocol === 'Require',
  ...connections,
})

const addressOf = (port: Port): { address: string; port: number } => {
  const bound = port.bound()
  return { address: bound.address, port: bound.port }
}

function tlsKey(tls: NonNullable<ResourceSpec<'listener'>['tls']>, set: ListenerSet): string {
  const certificates = tls.certificates.map((name) => set.certificates.get(name) ?? null)
  const trust = tls.clientCertificate.trust === null ? null : set.trusts.get(tls.clientCertificate.trust)
  const parts: Json = { tls, certificates, trust: trust?.hash ?? null }
  return sha256(canonicalJson(parts))
}
