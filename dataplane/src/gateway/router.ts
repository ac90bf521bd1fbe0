import type { Steps } from '../slices.ts'
import { otherReadings } from '../policy/paths.ts'
import type { RequestFacts } from './facts.ts'
import { hostTable, lookupHost, mostSpecific, type HostTable } from './hostTable.ts'
import { hasPlainHeaders, hasPlainQuery, type Candidate, type Destination } from './candidate.ts'
import { findMatch, pathRouter, type PathRouter } from './pathRouter.ts'
import { searchFor, type Search } from './search.ts'

/** The routes of one hostname pattern on one listener. */
export interface Host<D extends Destination> {
  readonly candidates: readonly Candidate<D>[]
  /** Namespaces with a route that could not be understood whole (M7). */
  readonly incomplete: ReadonlySet<string>
}

interface HostGroup<D extends Destination> extends Host<D> {
  /** Of those routes, also of incomplete ones. */
  readonly namespaces: ReadonlySet<string>
  /** Whether a match of theirs is broken. */
  readonly doubtful: boolean
  readonly paths: PathRouter<D>
}

/** Finds the rule for a request on one listener. */
export interface Router<D extends Destination> {
  readonly groups: ReadonlyMap<string, HostGroup<D>>
  readonly hosts: HostTable<HostGroup<D>>
  /** Namespaces with an incomplete route; null = none. */
  readonly incomplete: HostTable<ReadonlySet<string>> | null
}

function* groupOf<D extends Destination>({ candidates, incomplete }: Host<D>): Steps<HostGroup<D>> {
  const namespaces = new Set(incomplete)
  for (const { destination } of candidates) namespaces.add(destination.namespace)
  const doubtful = candidates.some(({ broken }) => broken)
  return { candidates, incomplete, namespaces, doubtful, paths: yield* pathRouter(candidates) }
}

/**
 * @param hosts - by hostname pattern; null = it is no longer served
 * @param previous - what it was before: hostnames that are not named are as they were
 */
export function* buildRouter<D extends Destination>(
  hosts: Iterable<readonly [hostname: string, host: Host<D> | null]>,
  previous: Router<D> | null,
): Steps<Router<D>> {
  const groups = new Map(previous?.groups)
  for (const [hostname, host] of hosts) {
    yield
    if (host === null) groups.delete(hostname)
    else groups.set(hostname, yield* groupOf(host))
  }
  const broken = [...groups].flatMap(([hostname, { incomplete }]) =>
    incomplete.size === 0 ? [] : [[hostname, incomplete] as const],
  )
  return { groups, hosts: hostTable(groups), incomplete: broken.length === 0 ? null : hostTable(broken) }
}

/** Who may serve a host (M6); null = any namespace. */
export type Tenancy = HostTable<ReadonlySet<string>> | null

/** Why no rule answers. */
export type NoRoute =
  'no-route' | 'bad-path' | 'ambiguous-header' | 'ambiguous-query' | 'route-too-costly' | 'config-invalid'

const nobody: ReadonlySet<string> = new Set()

/**
 * The match for a request. The most specific hostname that an entitled namespace serves decides alone, then the
 * precedence of matches.
 *
 * @returns `bad-path` when a backend that reads the path more loosely, or that of a rule, would see one of another rule;
 *   `ambiguous-header` and `ambiguous-query` when not all who read them would agree that the match fits
 */
export function findRule<D extends Destination>(
  router: Router<D>,
  tenancy: Tenancy,
  facts: RequestFacts,
): Candidate<D> | NoRoute {
  const { host } = facts
  const namespaces = tenancy === null ? null : (mostSpecific(tenancy, host) ?? nobody)
  const group = lookupHost(router.hosts, host, serves, namespaces)
  if (group === null) return 'no-route'
  const search = searchFor(facts, namespaces)
  const found = findMatch(group.paths, facts.path, search)
  const fault = faultOf(router, group, { found, facts, search })
  if (search.work < 0) return 'route-too-costly'
  return fault ?? found ?? 'no-route'
}

/** All rules of a host, and which namespaces may answer there; null = all. */
export interface HostRules<D extends Destination> {
  readonly candidates: readonly Candidate<D>[]
  readonly namespaces: ReadonlySet<string> | null
}

/** @returns `config-invalid` where a part of them could not be understood: nobody knows what it would ask for (M7) */
export function rulesOf<D extends Destination>(
  { hosts, incomplete }: Router<D>,
  tenancy: Tenancy,
  host: string,
): HostRules<D> | 'no-route' | 'config-invalid' {
  const namespaces = tenancy === null ? null : (mostSpecific(tenancy, host) ?? nobody)
  const group = lookupHost(hosts, host, serves, namespaces)
  if (group === null) return 'no-route'
  if (group.doubtful || (incomplete !== null && lookupHost(incomplete, host, meet, namespaces) !== null))
    return 'config-invalid'
  return { candidates: group.candidates, namespaces }
}

/** One of the namespaces that may answer for a host, which trust each other; null = none may. */
export function servingNamespace<D extends Destination>(
  { hosts }: Router<D>,
  tenancy: Tenancy,
  host: string,
): string | null {
  const namespaces = tenancy === null ? null : (mostSpecific(tenancy, host) ?? nobody)
  for (const namespace of lookupHost(hosts, host, serves, namespaces)?.namespaces ?? [])
    if (namespaces === null || namespaces.has(namespace)) return namespace
  return null
}

/** A search that has come to an end. */
interface Result<D extends Destination> {
  readonly found: Candidate<D> | null
  readonly facts: RequestFacts
  readonly search: Search
}

/** Why what was found does not answer after all. */
function faultOf<D extends Destination>(
  { incomplete }: Router<D>,
  { doubtful, paths }: HostGroup<D>,
  { found, facts: { host, path }, search }: Result<D>,
): NoRoute | null {
  if (incomplete !== null) {
    // What no rule answers may be what an incomplete route was to answer.
    const concerned = found === null ? meet : holds(found.destination.namespace)
    if (lookupHost(incomplete, host, concerned, search.namespaces)) return 'config-invalid'
  }
  if (doubtful) {
    search.broken = found?.destination ?? 'everybody'
    if (findMatch(paths, path, search) !== found) return 'config-invalid'
  }
  if (found === null) return null
  if (!hasPlainHeaders(found, search)) return 'ambiguous-header'
  if (!hasPlainQuery(found, search)) return 'ambiguous-query'
  if (found.echo) return 'bad-path'
  return found.literal || allLeadTo(found, paths, path, search) ? null : 'bad-path'
}

/** Whether backends that read the path more loosely would see one of the same rule. */
function allLeadTo<D extends Destination>(
  found: Candidate<D>,
  paths: PathRouter<D>,
  path: string,
  search: Search,
): boolean {
  for (const reading of otherReadings(path)) {
    const other = findMatch(paths, reading, search)
    if (other !== null && (other.broken || other.destination !== found.destination)) return false
  }
  return true
}

function serves<D extends Destination>(group: HostGroup<D>, namespaces: ReadonlySet<string> | null): boolean {
  if (namespaces === null) return true
  for (const namespace of group.namespaces) if (namespaces.has(namespace)) return true
  return false
}

const meet = (some: ReadonlySet<string>, entitled: ReadonlySet<string> | null): boolean =>
  entitled === null || [...some].some((namespace) => entitled.has(namespace))

const holds =
  (namespace: string) =>
  (namespaces: ReadonlySet<string>): boolean =>
    namespaces.has(namespace)
