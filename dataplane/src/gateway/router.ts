import { otherReadings } from '../policy/paths.ts'
import type { RequestFacts } from './facts.ts'
import { hostTable, lookupHost, mostSpecific, type HostTable } from './hostTable.ts'
import type { Candidate, Destination } from './candidate.ts'
import { findMatch, pathRouter, type PathRouter } from './pathRouter.ts'

/** The routes of one hostname pattern on one listener. */
export interface Host<D extends Destination> {
  readonly candidates: readonly Candidate<D>[]
  /** Namespaces with a route that could not be understood whole (M7). */
  readonly incomplete: ReadonlySet<string>
}

interface HostGroup<D extends Destination> extends Host<D> {
  /** Of those routes, also of incomplete ones. */
  readonly namespaces: ReadonlySet<string>
  readonly paths: PathRouter<D>
}

/** Finds the rule for a request on one listener. */
export interface Router<D extends Destination> {
  readonly groups: ReadonlyMap<string, HostGroup<D>>
  readonly hosts: HostTable<HostGroup<D>>
  /** Namespaces with an incomplete route; null = none. */
  readonly incomplete: HostTable<ReadonlySet<string>> | null
}

function groupOf<D extends Destination>({ candidates, incomplete }: Host<D>): HostGroup<D> {
  const namespaces = new Set(incomplete)
  for (const { destination } of candidates) namespaces.add(destination.namespace)
  return { candidates, incomplete, namespaces, paths: pathRouter(candidates) }
}

/**
 * @param hosts - by hostname pattern; null = it is no longer served
 * @param previous - what it was before: hostnames that are not named are as they were
 */
export function buildRouter<D extends Destination>(
  hosts: Iterable<readonly [hostname: string, host: Host<D> | null]>,
  previous: Router<D> | null,
): Router<D> {
  const groups = new Map(previous?.groups)
  for (const [hostname, host] of hosts) {
    if (host === null) groups.delete(hostname)
    else groups.set(hostname, groupOf(host))
  }
  const broken = [...groups].flatMap(([hostname, { incomplete }]) =>
    incomplete.size === 0 ? [] : [[hostname, incomplete] as const],
  )
  return { groups, hosts: hostTable(groups), incomplete: broken.length === 0 ? null : hostTable(broken) }
}

/** Who may serve a host (M6); null = any namespace. */
export type Tenancy = HostTable<ReadonlySet<string>> | null

/** Why no rule answers. */
export type NoRoute = 'no-route' | 'bad-path' | 'config-invalid'

const nobody: ReadonlySet<string> = new Set()

/**
 * The match for a request. The most specific hostname that an entitled namespace serves decides alone, then the
 * precedence of matches.
 *
 * @returns `bad-path` when a backend that reads the path more loosely, or that of a rule, would see one of another rule,
 *   or when telling that would cost too much
 */
export function findRule<D extends Destination>(
  router: Router<D>,
  tenancy: Tenancy,
  facts: RequestFacts,
): Candidate<D> | NoRoute {
  const { host, path } = facts
  const namespaces = tenancy === null ? null : (mostSpecific(tenancy, host) ?? nobody)
  const group = lookupHost(router.hosts, host, serves, namespaces)
  if (group === null) return 'no-route'
  const found = findMatch(group.paths, path, facts, namespaces)
  if (found === 'bad-path') return found
  const { incomplete } = router
  if (found === null) {
    // What no rule answers may be what an incomplete route was to answer.
    return incomplete !== null && lookupHost(incomplete, host, meet, namespaces) ? 'config-invalid' : 'no-route'
  }
  if (found.broken) return 'config-invalid'
  if (incomplete !== null && lookupHost(incomplete, host, holds, found.destination.namespace)) return 'config-invalid'
  if (found.echo) return 'bad-path'
  if (found.literal) return found
  for (const reading of otherReadings(path)) {
    const other = findMatch(group.paths, reading, facts, namespaces)
    if (other === 'bad-path' || (other !== null && other.destination !== found.destination)) return 'bad-path'
  }
  return found
}

function serves<D extends Destination>(group: HostGroup<D>, namespaces: ReadonlySet<string> | null): boolean {
  if (namespaces === null) return true
  for (const namespace of group.namespaces) if (namespaces.has(namespace)) return true
  return false
}

const meet = (some: ReadonlySet<string>, entitled: ReadonlySet<string> | null): boolean =>
  entitled === null || [...some].some((namespace) => entitled.has(namespace))

const holds = (namespaces: ReadonlySet<string>, namespace: string): boolean => namespaces.has(namespace)
