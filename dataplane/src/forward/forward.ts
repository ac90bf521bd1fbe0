import type { Clock } from '../clock.ts'
import type { ForwardPlan, PlannedMirror } from '../gateway/actionPlan.ts'
import { isPermit, isSettled, type Permit } from '../gateway/admit.ts'
import type { Gateway, PermitContent } from '../gateway/gateway.ts'
import { edited } from '../gateway/pathEdit.ts'
import type { BodyBudget } from '../state/bodyBudget.ts'
import type { Balancers } from '../state/balancing/balancers.ts'
import type { Breakers } from '../state/breakers.ts'
import type { Pools } from '../state/pools.ts'
import type { RetryBudgets } from '../state/retryBudgets.ts'
import { chooseBackend } from './backendChoice.ts'
import type { ClientSide } from './clientSide.ts'
import { Exchange } from './exchange.ts'
import { isCheckedFor, type BodyDesk, type CheckedBody } from './incomingBody.ts'
import { drawn, Mirroring, type MirrorState } from './mirroring.ts'
import { Retrying, type RetryTerms } from './retrying.ts'
import { start, type NotForwarded, type Start, type Trip } from './trip.ts'
import { hasBody, Upload, type Keeper } from './upload.ts'

/** What forwarding shares between requests and snapshots. */
export interface ForwardState {
  readonly pools: Pools
  readonly balancers: Balancers
  readonly breakers: Breakers
  readonly retries: RetryBudgets
  readonly mirroring: MirrorState
  readonly bodies: BodyDesk
  /** What bodies that may have to be sent again take up. */
  readonly kept: BodyBudget
  readonly clock: Clock
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
  const path = targetOf(plan.path, content)
  const trip = { gateway, content, plan, backend, pooled, path, hasBody: withBody }
  const first = start(trip, 1, null, state)
  if ('code' in first) return first
  const mirroring = plan.mirrors === null ? null : mirroringOf(trip, plan.mirrors, state)
  const exchange = begin(trip, first, { client, body, mirroring }, state)
  depart(trip, first, exchange)
  if (mirroring !== null && (body !== null || !withBody)) {
    if (body !== null) mirroring.take(body.bytes)
    mirroring.whole()
  }
  return exchange
}

/** Path and query as the backend gets them: with the credential in the query where that goes on. */
const targetOf = (change: ForwardPlan['path'], { facts, whole }: PermitContent): string =>
  (change === null ? facts.path : edited(change, facts.path)) + (whole ?? facts).query

function mirroringOf(
  { gateway, content, plan }: Trip,
  mirrors: readonly PlannedMirror[],
  { mirroring, random }: ForwardState,
): Mirroring | null {
  const { facts } = content
  const chosen = drawn(mirrors, facts.method, random)
  if (chosen === null) return null
  const path = plan.path === null ? facts.path : edited(plan.path, facts.path)
  const { namespace, action } = plan
  const original = { gateway, content, namespace, hostname: action.rewrite?.hostname ?? null, path }
  return new Mirroring(original, chosen, mirroring)
}

interface Cargo {
  readonly client: ClientSide
  readonly body: CheckedBody | null
  readonly mirroring: Mirroring | null
}

function begin(trip: Trip, first: Start, { client, body, mirroring }: Cargo, state: ForwardState): Exchange {
  const { content, plan, backend, hasBody: withBody } = trip
  const { retry } = plan.action
  const retrying = retry === null ? null : retryingOf(trip, retry, state, () => repeat(trip, exchange, state))
  const exceeded = (): void => exchange.fail('body-too-large')
  const keeper = retrying?.keepsBody === true ? keeperOf(plan.namespace, state.kept) : null
  const terms = { limit: content.maxBodySize, exceeded, keeper, tap: mirroring }
  const upload = withBody && body === null ? new Upload(client.request, terms) : null
  const { upstream: name, responseEdit: edit } = backend
  const side = { name, first, whole: body?.bytes ?? null, upload, retrying, edit }
  const exchange = new Exchange(client, side, content, state.clock)
  return exchange
}

function retryingOf(
  { content, plan, backend }: Trip,
  terms: RetryTerms,
  { retries, random }: ForwardState,
  next: () => void,
): Retrying {
  const key = `${plan.key} ${backend.upstream}`
  return new Retrying({ terms, method: content.facts.method, key, budgets: retries, random, next })
}

function repeat(trip: Trip, exchange: Exchange, state: ForwardState): void {
  const again = start(trip, exchange.tries, exchange.attempt.target, state)
  if ('code' in again) {
    exchange.fail(again.code)
    return
  }
  exchange.retry(again)
  depart(trip, again, exchange)
}

const keeperOf = (namespace: string, kept: BodyBudget): Keeper => ({
  take: (bytes) => kept.take(namespace, bytes),
  give: (bytes) => kept.give(namespace, bytes),
})

/** Hands a try to undici. */
function depart({ content, path }: Trip, { target, headers }: Start, exchange: Exchange): void {
  target.pool.dispatch(
    {
      method: content.facts.method,
      path,
      headers,
      body: exchange.body(),
      // undici closes the connection after HEAD and after bodies that it does not expect unless told not to.
      reset: false,
    },
    exchange.attempt,
  )
}
