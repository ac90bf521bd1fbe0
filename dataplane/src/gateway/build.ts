import type { RefusedResource, ResourceSpec, SealedResource } from '@gatehouse/contract'
import type { Clock } from '../clock.ts'
import type { GatewayState } from '../state/gatewayState.ts'
import type { Lease } from '../state/lease.ts'
import { admit } from './admit.ts'
import type { AdmissionTable } from './admissionTable.ts'
import { compileRoute, type CompiledRoute } from './compileRoute.ts'
import type { Gateway, UpstreamView } from './gateway.ts'
import { hostTable } from './hostTable.ts'
import { listenerViews, selectorsOf, withRouter, type LeafMemo, type ListenerView } from './listenerViews.ts'
import { withOwnPorts } from './ownPorts.ts'
import { parseResources, type ParsedResources, type ParseMemo, type ParseResult } from './parse.ts'
import { policyWorkshop, type PolicyMemo, type PolicyWorkshop } from './policyWorkshop.ts'
import { buildRouter, type Router, type Tenancy } from './router.ts'
import type { RulePlan } from './rulePlan.ts'

export interface BuildInput {
  /** By `kind/name`; their hashes have been checked. */
  readonly resources: ReadonlyMap<string, SealedResource>
  readonly revision: string
  readonly state: GatewayState
  readonly clock: Clock
  /** What serves now; whatever is the same is taken over. It must not have been released. */
  readonly previous: BuiltGateway | null
}

/** A gateway, ready to be swapped in. */
export interface BuiltGateway {
  readonly gateway: Gateway
  /** Everything that could be read, for what listens. */
  readonly parsed: ParsedResources
  readonly refused: readonly RefusedResource[]
  /** Gives back the state that it holds; call it once, when no new request begins with this gateway. */
  release(): void
  /** For the next build. */
  readonly memo: BuildMemo
}

interface BuildMemo {
  readonly parse: ParseMemo
  readonly policies: PolicyMemo
  readonly routes: ReadonlyMap<string, CompiledRoute>
  readonly routers: ReadonlyMap<string, Router<RulePlan>>
  readonly leaves: LeafMemo
}

/** What serves without a readable installation: every request is refused, and nothing may be dialled. */
const closedInstallation: ResourceSpec<'installation'> = {
  defaultAccess: 'Deny',
  identityHeaders: [],
  tenancy: 'Shared',
  hosts: [],
  outbound: { podCIDRs: [], allowLoopback: false, deniedAddresses: ['0.0.0.0/0', '::/0'] },
  lastGood: { secrets: 'Omit', maxAge: 0 },
}

/** Most refusals that an acknowledgement can carry. */
const maxRefused = 1000

/**
 * Compiles a snapshot. One resource that cannot be read or built costs its own unit (M7) and is reported. State is taken
 * before the old gateway gives it back, so that what both use goes on.
 */
export function buildGateway(input: BuildInput): BuiltGateway {
  const { resources, state, previous } = input
  const read = withOwnPorts(parseResources(resources, previous?.memo.parse ?? null))
  const installation = read.parsed.installation.get('installation')?.spec ?? closedInstallation
  const workshop = policyWorkshop({ parsed: read.parsed, state, installation }, previous?.memo.policies ?? null)
  try {
    return assemble(input, read, workshop)
  } catch (error) {
    releaseAll(workshop.finish().leases)
    throw error
  }
}

function assemble(input: BuildInput, read: ParseResult, workshop: PolicyWorkshop): BuiltGateway {
  const { parsed } = read
  const memo = input.previous?.memo ?? null
  const installation = parsed.installation.get('installation')?.spec ?? null
  const routes = compileRoutes(parsed, workshop, memo?.routes ?? null)
  const { views, leaves } = listenerViews(parsed, memo?.leaves ?? null)
  const routers = buildRouters(views, [...routes.values()], memo?.routers ?? null)
  const listeners = views.map((view) => withRouter(view, routers.get(view.name)!))
  const table: AdmissionTable = {
    listeners: new Map(listeners.map((listener) => [listener.name, listener])),
    selectors: selectorsOf(listeners),
    tenancy: tenancyOf(installation ?? closedInstallation),
    unreadable: new Set([...parsed.unreadable.route].map((name) => name.split('/', 1)[0]!)),
    closed: installation === null,
    clock: input.clock,
  }
  const gateway: Gateway = {
    revision: input.revision,
    installation: installation ?? closedInstallation,
    upstreams: upstreamViews(parsed),
    admit: (request) => admit(table, request),
  }
  const { leases, refused, memo: policies } = workshop.finish()
  const faults = [...read.refused, ...refused, ...[...routes.values()].flatMap((route) => route.refused)]
  return {
    gateway,
    parsed,
    refused: faults.slice(0, maxRefused),
    release: () => releaseAll(leases.splice(0)),
    memo: { parse: read.memo, policies, routes, routers, leaves },
  }
}

function compileRoutes(
  parsed: ParsedResources,
  workshop: PolicyWorkshop,
  previous: ReadonlyMap<string, CompiledRoute> | null,
): Map<string, CompiledRoute> {
  const sources = {
    policy: workshop.policy,
    authenticator: workshop.authenticator,
    upstream: (name: string) => parsed.upstream.has(name),
    report: () => {},
    unreadableListeners: parsed.unreadable.listener,
  }
  const compiled = new Map<string, CompiledRoute>()
  for (const [name, route] of parsed.route) compiled.set(name, compileRoute(route, sources, previous?.get(name)))
  return compiled
}

/** Routes by listener and hostname; a hostname whose routes are the same keeps its tables. */
function buildRouters(
  views: readonly ListenerView[],
  routes: readonly CompiledRoute[],
  previous: ReadonlyMap<string, Router<RulePlan>> | null,
): Map<string, Router<RulePlan>> {
  const byListener = new Map(views.map(({ name }) => [name, [] as CompiledRoute[]]))
  for (const route of routes)
    for (const listener of new Set(route.spec.listeners)) byListener.get(listener)?.push(route)
  const routers = new Map<string, Router<RulePlan>>()
  for (const [name, own] of byListener) routers.set(name, buildRouter(routerInput(own), previous?.get(name) ?? null))
  return routers
}

function routerInput(routes: readonly CompiledRoute[]) {
  const candidates = new Map<string, CompiledRoute['candidates'][number][]>()
  const incomplete = new Map<string, Set<string>>()
  for (const { spec, candidates: own } of routes) {
    for (const hostname of new Set(spec.hostnames)) {
      entry(candidates, hostname, () => []).push(...own)
      if (spec.incomplete) entry(incomplete, hostname, () => new Set<string>()).add(spec.object.namespace)
    }
  }
  return { candidates, incomplete }
}

function entry<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

const tenancyOf = ({ tenancy, hosts }: ResourceSpec<'installation'>): Tenancy =>
  tenancy === 'Single'
    ? null
    : hostTable(hosts.map(({ pattern, namespaces }) => [pattern, new Set(namespaces)] as const))

const nowhere: UpstreamView['addresses'] = []

/** An upstream whose endpoints are missing or unreadable has none. */
function upstreamViews(parsed: ParsedResources): Map<string, UpstreamView> {
  const views = new Map<string, UpstreamView>()
  for (const [name, { spec }] of parsed.upstream)
    views.set(name, { spec, addresses: parsed.endpoints.get(name)?.spec.addresses ?? nowhere })
  return views
}

const releaseAll = (leases: readonly Lease<unknown>[]): void => leases.forEach((lease) => lease.release())
