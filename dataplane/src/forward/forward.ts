import type { Clock } from '../clock.ts'
import type { ForwardPlan, PlannedMirror } from '../gateway/actionPlan.ts'
import { isPermit, isSettled, type Permit } from '../gateway/admit.ts'
import type { Gateway, PermitContent } from '../gateway/gateway.ts'
import { edited } from '../gateway/pathEdit.ts'
import { soon } from '../gateway/refusal.ts'
import { asksForUpgrade } from '../policy/webSocket.ts'
import type { BodyBudget } from '../state/bodyBudget.ts'
import type { BodyBuffers } from '../state/bodyBuffers.ts'
import type { Balancers } from '../state/balancing/balancers.ts'
import type { Breakers } from '../state/breakers.ts'
import type { NamespaceLoads } from '../state/namespaceLoads.ts'
import type { Place, PlaceLimits, Places } from '../state/places.ts'
import type { Pools } from '../state/pools.ts'
import type { Turns } from '../state/turns.ts'
import type { RetryBudgets } from '../state/retryBudgets.ts'
import type { Alarms } from './alarms.ts'
import { chooseBackend } from './backendChoice.ts'
import type { ClientSide } from './clientSide.ts'
import { Exchange } from './exchange.ts'
import { isCheckedFor, type BodyDesk, type CheckedBody } from './incomingBody.ts'
import { drawn, Mirroring, type MirrorState, type Original } from './mirroring.ts'
import { Retrying, type RetryTerms } from './retrying.ts'
import { keyOf, start, type NotForwarded, type Start, type Trip, type Turn } from './trip.ts'
import { hasBody, Upload, type Keeper } from './upload.ts'

/** What forwarding shares between requests and snapshots. */
export interface ForwardState {
  readonly pools: Pools
  readonly balancers: Balancers
  readonly breakers: Breakers
  readonly retries: RetryBudgets
  readonly places: Places
  readonly loads: NamespaceLoads
  readonly mirroring: MirrorState
  readonly bodies: BodyDesk
  /** In which requests are admitted and bodies checked. */
  readonly turns: Turns
  /** What bodies that may have to be sent again take up. */
  readonly kept: BodyBudget
  /** Told of every piece of a body. */
  readonly buffers: BodyBuffers
  readonly clock: Clock
  readonly alarms: Alarms
  /** From 0 up to, but not including, 1. */
  random(): number
}

/** A request that may go on, with the gateway that it began with. */
export interface Departure {
  readonly permit: Permit
  readonly gateway: Gateway
  readonly client: ClientSide
  /** The body when it had to be looked at; null = it is passed on as it comes. */
  readonly body: CheckedBody | null
}

/**
 * Sends a permitted request to a backend, and again where its rule asks for that and it is safe.
 *
 * @returns the running exchange, or why there is none
 * @throws TypeError for anything but a permit of admission, settled, to forward, with a body that was checked where one is asked for
 */
export function forward({ permit, gateway, client, body }: Departure, state: ForwardState): Exchange | NotForwarded {
  if (!isPermit(permit)) throw new TypeError('only what was admitted is forwarded')
  if (!isSettled(permit)) throw new TypeError('only what is settled is forwarded')
  const { content } = permit
  const withBody = hasBody(client.request)
  if (withBody && content.body.length > 0 && (body === null || !isCheckedFor(body, permit)))
    throw new TypeError('only a body that was checked is forwarded where a policy asks for it')
  const { plan } = content
  if (plan.type !== 'Forward') throw new TypeError('only what goes to a backend is forwarded')
  const { action } = plan
  const backend = chooseBackend(action.backends, state.random)
  if (backend === null) return { code: 'no-endpoint', retryAfter: null, upstream: null }
  if (backend.type === 'Invalid') return { code: 'config-invalid', retryAfter: null, upstream: null }
  const name = backend.upstream
  const pooled = state.pools.upstream(gateway, name, action.timeouts.connect)
  if (pooled === null) return { code: 'config-invalid', retryAfter: null, upstream: name }
  const load = state.loads.of(plan.namespace)
  if (load.full) return { code: 'namespace-full', retryAfter: soon, upstream: name }
  const path = targetOf(plan.path, content)
  const mirroring = plan.mirrors === null ? null : mirroringOf({ gateway, content, plan }, plan.mirrors, state)
  const trip = {
    gateway,
    content,
    plan,
    backend,
    pooled,
    load,
    path,
    hasBody: withBody,
    client,
    checked: body,
    mirroring,
  }
  if (action.parallel !== null) return takePlace(trip, action.parallel, state)
  const first = start(trip, { tries: 1, last: null, place: null }, state)
  if ('code' in first) return first
  return begun(trip, first, state)
}

/** Path and query as the backend gets them: with the credential in the query where that goes on. */
const targetOf = (change: ForwardPlan['path'], { facts, whole }: PermitContent): string =>
  (change === null ? facts.path : edited(change, facts.path)) + (whole ?? facts).query

function mirroringOf(
  original: Original,
  mirrors: readonly PlannedMirror[],
  { mirroring, random }: ForwardState,
): Mirroring | null {
  const { method, headers } = original.content.facts
  // A copy of what opens a WebSocket would open none.
  if (asksForUpgrade(headers)) return null
  const chosen = drawn(mirrors, method, random)
  return chosen === null ? null : new Mirroring(original, chosen, mirroring)
}

/** As {@link forward}, once there is a place among those that run. */
function takePlace(trip: Trip, limits: PlaceLimits, state: ForwardState): Exchange | NotForwarded {
  const place = state.places.enter(keyOf(trip), limits)
  if (place === null) return { code: 'upstream-overloaded', retryAfter: null, upstream: trip.backend.upstream }
  if (!place.taken) {
    const exchange = exchangeOf(trip, state)
    exchange.wait(place, () => go(trip, exchange, place, state))
    return exchange
  }
  const first = startIn(place, trip, { tries: 1, last: null }, state)
  if ('code' in first) return first
  return begun(trip, first, state)
}

/** Gives the place back when nothing comes of it. */
function startIn(
  place: Place | null,
  trip: Trip,
  turn: Omit<Turn, 'place'>,
  state: ForwardState,
): Start | NotForwarded {
  let started: Start | NotForwarded | null = null
  try {
    started = start(trip, { ...turn, place }, state)
    return started
  } finally {
    if (started === null || 'code' in started) place?.release()
  }
}

/** Whoever calls answers for what throws, so that the exchange must not wait for its deadline. */
function begun(trip: Trip, first: Start, state: ForwardState): Exchange {
  const exchange = exchangeOf(trip, state)
  try {
    depart(trip, first, exchange)
  } catch (error) {
    exchange.close()
    throw error
  }
  return exchange
}

function exchangeOf(trip: Trip, state: ForwardState): Exchange {
  const { client, checked, content, plan, backend, pooled, load, hasBody: withBody } = trip
  const uploads = withBody && checked === null
  // Most requests have neither a body on its way nor retries, and are made no functions for them.
  if (uploads || plan.action.retry !== null) return equipped(trip, uploads, state)
  const { upstream: name, responseEdit: edit } = backend
  const side = { name, load, whole: checked?.bytes ?? null, upload: null, retrying: null, edit, owner: pooled.owner }
  return new Exchange(client, side, content, state)
}

/** An exchange that uploads a body, or may try more than once. */
function equipped(trip: Trip, uploads: boolean, state: ForwardState): Exchange {
  const { client, checked, content, plan, backend, pooled, load, mirroring } = trip
  const { retry } = plan.action
  const retrying = retry === null ? null : retryingOf(trip, retry, state, () => repeat(trip, exchange, state))
  const exceeded = (): void => exchange.fail('body-too-large')
  const keeper = retrying?.keepsBody === true ? keeperOf(plan.namespace, state.kept) : null
  const terms = { limit: content.maxBodySize, exceeded, keeper, tap: mirroring, buffers: state.buffers }
  const upload = uploads ? new Upload(client.request, terms) : null
  const { upstream: name, responseEdit: edit } = backend
  const side = { name, load, whole: checked?.bytes ?? null, upload, retrying, edit, owner: pooled.owner }
  const exchange = new Exchange(client, side, content, state)
  return exchange
}

function retryingOf(trip: Trip, terms: RetryTerms, { retries, random }: ForwardState, next: () => void): Retrying {
  return new Retrying({ terms, method: trip.content.facts.method, key: keyOf(trip), budgets: retries, random, next })
}

/** Begins another try, once there is a place for it. */
function repeat(trip: Trip, exchange: Exchange, state: ForwardState): void {
  if (!exchange.mayBegin()) {
    exchange.fail('namespace-full')
    return
  }
  const { parallel } = trip.plan.action
  const place = parallel === null ? null : state.places.enter(keyOf(trip), parallel)
  if (parallel !== null && place === null) exchange.fail('upstream-overloaded')
  else if (place?.taken === false) exchange.wait(place, () => go(trip, exchange, place, state))
  else go(trip, exchange, place, state)
}

/** Begins a try of a request whose client waits already. */
function go(trip: Trip, exchange: Exchange, place: Place | null, state: ForwardState): void {
  try {
    const { tries, last } = exchange
    const next = startIn(place, trip, { tries, last }, state)
    if ('code' in next) exchange.fail(next.code, next.retryAfter)
    else depart(trip, next, exchange)
  } catch {
    exchange.fail('internal-error')
  }
}

const keeperOf = (namespace: string, kept: BodyBudget): Keeper => ({
  take: (bytes) => kept.take(namespace, bytes),
  give: (bytes) => kept.give(namespace, bytes),
})

/** Hands a try to the connections of its address. */
function depart({ content, path, hasBody: withBody, checked, mirroring }: Trip, next: Start, exchange: Exchange): void {
  const attempt = exchange.begin(next)
  try {
    next.target.pool.dispatch(
      {
        method: content.facts.method,
        path,
        headers: next.headers,
        body: exchange.body(),
        upgrade: asksForUpgrade(content.facts.headers) ? 'websocket' : null,
        reset: false,
        // Both spare undici work for each request that comes to nothing here.
        blocking: false,
        servername: 'upstream',
      },
      attempt,
    )
  } catch (error) {
    attempt.abandon()
    throw error
  }
  // What is uploaded is complete later.
  if (mirroring !== null && (checked !== null || !withBody)) mirroring.complete(checked?.bytes ?? null)
}
