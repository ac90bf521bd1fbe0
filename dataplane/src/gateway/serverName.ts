import type { X509Certificate } from 'node:crypto'
import { hostTable, mostSpecific, type HostTable } from './hostTable.ts'

/** A certificate that a listener can present. */
export interface Presentable {
  /** Name of the `certificate` resource. */
  readonly name: string
  readonly leaf: X509Certificate
}

/** What is chosen by name on a socket. */
export interface Nameable {
  readonly name: string
  /** Exact or `*.` wildcard, lower case; null = every host. */
  readonly hostname: string | null
  /** In the order in which they are tried. */
  readonly certificates: readonly Presentable[]
}

export interface Selection<L> {
  readonly listener: L
  /** Name of the certificate; null when the listener has none. */
  readonly certificate: string | null
}

/** Selects by SNI when a connection begins, and by authority with each request: both must come to the same (M11). */
export type Selector<L> = (serverName: string | null) => Selection<L> | null

/** So many names are remembered where choosing among certificates costs more than routing does. */
const maxRemembered = 1024

/** @param listeners - all of one socket */
export function createSelector<L extends Nameable>(listeners: readonly L[]): Selector<L> {
  const byHost = hostTable(listeners.map((listener) => [listener.hostname, listener] as const))
  const nameOf = (serverName: string | null) => (serverName === null ? '' : canonicalServerName(serverName))
  if (listeners.every(({ certificates }) => certificates.length <= 1))
    return (serverName) => select(byHost, nameOf(serverName))
  const remembered = new Map<string, Selection<L> | null>()
  return (serverName) => {
    const name = nameOf(serverName)
    const known = remembered.get(name)
    if (known !== undefined) return known
    const selection = select(byHost, name)
    if (remembered.size >= maxRemembered) remembered.clear()
    remembered.set(name, selection)
    return selection
  }
}

/** The form that hostnames are written in: lower case, without the dot of the root. */
function canonicalServerName(name: string): string {
  const lower = name.toLowerCase()
  return lower.endsWith('.') ? lower.slice(0, -1) : lower
}

/** A client that names no host gets the listener for every host or none; never another listener's settings. */
function select<L extends Nameable>(byHost: HostTable<L>, name: string): Selection<L> | null {
  const listener = mostSpecific(byHost, name)
  if (listener === null) return null
  const covering =
    listener.certificates.length > 1 && name !== '' ? listener.certificates.find(covers(name)) : undefined
  return { listener, certificate: (covering ?? listener.certificates[0])?.name ?? null }
}

const covers =
  (name: string) =>
  ({ leaf }: Presentable): boolean =>
    leaf.checkHost(name, { subject: 'never' }) !== undefined
