import type { RefusedResource, ResourceSpec, SealedResource } from '@gatehouse/contract'
import type { Clock } from '../clock.ts'
import { atOnce, type Steps } from '../slices.ts'
import type { GatewayState } from '../state/gatewayState.ts'
import type { Lease } from '../state/lease.ts'
import type { SharedStore } from '../state/store/sharedStore.ts'
import { admit, judge } from './admit.ts'
import { ownerOf } from './owner.ts'
import { backendProofs } from './backendProofs.ts'
import type { AdmissionTable } from './admissionTable.ts'
import type { RouteSources } from './compileRoute.ts'
import type { BalancedUse, Gateway } from './gateway.ts'
import { routingOf, type RouteChange, type Routing } from './hostRoutes.ts'
import { hostTable } from './hostTable.ts'
import { listenerViews, socketsOf, withRouter, type LeafMemo } from './listenerViews.ts'
import { withOwnHosts } from './ownHosts.ts'
import { parseResources, type ParsedResources, type ParseMemo, type ParseResult } from './parse.ts'
import type { PolicySet } from './policySet.ts'
import { namesChanged, policyWorkshop, type PolicyWorkshop } from './policyWorkshop.ts'
import type { Tenancy } from './router.ts'
import { upstreamsOf, type Upstreams } from './upstreamViews.ts'
import { compileRoutes, type Affected, type RouteSet } from './routeSet.ts'

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
  readonly parsed: ParsedResources
  readonly upstreams: Upstreams
  readonly policies: PolicySet
  readonly routes: RouteSet
  /** What could not be built of routes. */
  readonly refusedRoutes: readonly RefusedResource[]
  readonly routing: Routing
  readonly leaves: LeafMemo
}

/** What serves without a readable installation: every request is refused, and nothing may be dialled. */
const closedInstallation: ResourceSpec<'installation'> = {
  defaultAccess: 'Deny',
  identityHeaders: [],
  tenancy: 'Shared',
  hosts: [],
  outbound: { podCIDRs: [], allowLoopback: false, deniedAddresses: ['0.0.0.0/0', '::/0'] },
  maxBodySize: 0,
  parallelRequests: 0,
  quotaKeys: 0,
  lastGood: { secrets: 'Omit', maxAge: 0 },
  usage: null,
}

/** Most refusals that an acknowledgement can carry. */
const maxRefused = 1000

/** Compiles a snapshot at once; see {@link gatewaySteps}. */
export const buildGateway = (input: BuildInput): BuiltGateway => atOnce(gatewaySteps(input))

/**
 * Compiles a snapshot. One resource that cannot be read or built costs its own unit (M7) and is reported. State is taken
 * before the old gateway gives it back, so that what both use goes on.
 */
export function* gatewaySteps(input: BuildInput): Steps<BuiltGateway> {
  const { resources, state, previous } = input
  const memo = previous?.memo ?? null
  const read = withOwnHosts(yield* parseResources(resources, memo?.parse ?? null))
  const installation = read.parsed.installation.get('installation')?.spec ?? closedInstallation
  const affected = memo && affectedBy(read, memo)
  const before = memo && { set: memo.policies, isAffected: affected ? affected.policy : () => true }
  const workshop = policyWorkshop({ parsed: read.parsed, state, installation }, before)
  const store = storeOf(read.parsed, installation, state)
  try {
    return yield* assemble(input, read, { workshop, affected, store })
  } catch (error) {
    workshop.abandon()
    store?.release()
    throw error
  }
}

/** The same settings are the same connection, whatever else of the snapshot changes (M16). */
function storeOf(
  { quotaStore }: ParsedResources,
  { outbound }: ResourceSpec<'installation'>,
  { stores }: GatewayState,
): Lease<SharedStore> | null {
  const found = quotaStore.get('quota-store')
  if (found === undefined) return null
  return stores.acquire(JSON.stringify([found.hash, outbound]), { store: found.spec, outbound })
}

const sameNames = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((name) => b.has(name))

/** @returns null when anything may be affected, because something changed on which all depends */
function affectedBy({ parsed, changed }: ParseResult, { parsed: before }: BuildMemo): Affected | null {
  const same = sameNames(parsed.unreadable.listener, before.unreadable.listener)
  if (changed.installation.size > 0 || !same) return null
  const upstreams = new Set(
    [...changed.upstream].filter((name) => parsed.upstream.has(name) !== before.upstream.has(name)),
  )
  const policies = new Set(changed.policy)
  const { keySet, credentials, clientCredential, trust, revocations, denyList } = changed
  const named = [keySet, credentials, clientCredential, trust, revocations, denyList]
  if (named.some(({ size }) => size > 0)) {
    for (const [name, policy] of parsed.policy) if (namesChanged(policy, changed, parsed.keySet)) policies.add(name)
  }
  return {
    routes: changed.route,
    upstream: upstreams.size === 0 ? null : (name) => upstreams.has(name),
    policy: policies.size === 0 ? null : (name) => policies.has(name),
  }
}

interface Tools {
  /** Where all data planes count together; null = nowhere. */
  readonly store: Lease<SharedStore> | null
  readonly workshop: PolicyWorkshop
  readonly affected: Affected | null
}

function* assemble(input: BuildInput, read: ParseResult, { workshop, affected, store }: Tools): Steps<BuiltGateway> {
  const { parsed } = read
  const memo = input.previous?.memo ?? null
  const installation = parsed.installation.get('installation')?.spec ?? null
  const { routes, changes } = yield* compileRoutes(
    parsed.route,
    routeSources(parsed, workshop, installation ?? closedInstallation),
    memo?.routes ?? none,
    affected,
  )
  const { views, leaves } = listenerViews(parsed, memo?.leaves ?? null)
  const routing = yield* routingOf(
    views.map(({ name }) => name),
    changes,
    memo?.routing ?? null,
  )
  const listeners = views.map((view) => withRouter(view, routing.routers.get(view.name)!))
  const table: AdmissionTable = {
    listeners: new Map(listeners.map((listener) => [listener.name, listener])),
    ...socketsOf(listeners),
    tenancy: tenancyOf(installation ?? closedInstallation),
    unreadable: new Set([...parsed.unreadable.route].map((name) => name.split('/', 1)[0]!)),
    closed: installation === null,
    maxBodySize: (installation ?? closedInstallation).maxBodySize,
    clock: input.clock,
    replays: input.state.replays,
    store: store?.value ?? null,
    usage: (installation ?? closedInstallation).usage,
    usageLimit: input.state.usageLimit,
    shadowWork: input.state.shadow.work,
  }
  const upstreams = upstreamsOf(read, memo?.upstreams ?? null)
  const gateway: Gateway = {
    revision: input.revision,
    installation: installation ?? closedInstallation,
    upstreams: upstreams.views,
    balanced: (changes.length === 0 && input.previous?.gateway.balanced) || balancedBy(routes),
    ...backendProofs(parsed),
    ownerOf: (request) => ownerOf(table, request),
    admit: (request, holder) => admit(table, request, holder),
    judge: (request, witness) => judge(table, request, { holder: null, witness }),
  }
  const policies = workshop.finish(losesUse(changes) ? [...routes.values()].map(({ uses }) => uses) : null)
  const refusedRoutes = memo && changes.length === 0 ? memo.refusedRoutes : refusedOf(routes)
  return {
    gateway,
    parsed,
    refused: [...read.refused, ...upstreams.refused.values(), ...policies.refused, ...refusedRoutes].slice(
      0,
      maxRefused,
    ),
    release: once(() => {
      policies.release()
      store?.release()
    }),
    memo: { parse: read.memo, parsed, upstreams, policies, routes, refusedRoutes, routing, leaves },
  }
}

const none: RouteSet = new Map()

const routeSources = (
  parsed: ParsedResources,
  workshop: PolicyWorkshop,
  { identityHeaders }: ResourceSpec<'installation'>,
): RouteSources => ({
  identityHeaders,
  policy: workshop.policy,
  authenticator: workshop.authenticator,
  prepare: workshop.prepare,
  upstream: (name) => parsed.upstream.has(name),
  report: () => {},
  unreadableListeners: parsed.unreadable.listener,
})

/** Whether some route no longer uses a policy that it used before. */
const losesUse = (changes: readonly RouteChange[]): boolean =>
  changes.some(({ before, after }) =>
    (['policies', 'authenticators'] as const).some((kind) =>
      before?.uses[kind].some((name) => after?.uses[kind].includes(name) !== true),
    ),
  )

function balancedBy(routes: RouteSet): readonly BalancedUse[] {
  const balanced: BalancedUse[] = []
  for (const { uses } of routes.values()) balanced.push(...uses.balanced)
  return balanced
}

function refusedOf(routes: RouteSet): readonly RefusedResource[] {
  const refused: RefusedResource[] = []
  for (const route of routes.values()) refused.push(...route.refused)
  return refused
}

function once(run: () => void): () => void {
  let done = false
  return () => {
    if (!done) run()
    done = true
  }
}

const tenancyOf = ({ tenancy, hosts }: ResourceSpec<'installation'>): Tenancy =>
  tenancy === 'Single'
    ? null
    : hostTable(hosts.map(({ pattern, namespaces }) => [pattern, new Set(namespaces)] as const))
