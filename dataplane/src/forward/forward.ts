import type { Clock } from '../clock.ts'
import { isPermit, isSettled, type Permit } from '../gateway/admit.ts'
import type { Gateway, PermitContent } from '../gateway/gateway.ts'
import type { RefusalCode } from '../gateway/refusal.ts'
import type { Balancers } from '../state/balancing/balancers.ts'
import type { BreakerCall, Breakers } from '../state/breakers.ts'
import type { PooledAddress, PooledUpstream, Pools } from '../state/pools.ts'
import { affinityOf } from './affinity.ts'
import { chooseBackend } from './backendChoice.ts'
import type { ClientSide } from './clientSide.ts'
import { Exchange } from './exchange.ts'
import { isCheckedFor, type BodyDesk, type CheckedBody } from './incomingBody.ts'
import { headerRules, type HeaderRules } from './headerRules.ts'
import { proofOf } from './proof.ts'
import { requestHeaders } from './requestHeaders.ts'
import { hasBody, uploadOf } from './upload.ts'

/** What forwarding shares between requests and snapshots. */
export interface ForwardState {
  readonly pools: Pools
  readonly balancers: Balancers
  readonly breakers: Breakers
  readonly bodies: BodyDesk
  readonly clock: Clock
  /** From 0 up to, but not including, 1. */
  random(): number
}

/** Why a permitted request was not sent. */
export interface NotForwarded {
  readonly code: RefusalCode
  /** Seconds; null = none. */
  readonly retryAfter: number | null
  /** Name of the upstream; null when none was chosen. */
  readonly upstream: string | null
}

/** A request that may go on, with the gateway that it began with. */
export interface Departure {
  readonly permit: Permit
  readonly gateway: Gateway
  readonly client: ClientSide
  /** The body when it had to be looked at; null = it is passed on as it comes. */
  readonly body: CheckedBody | null
}

const rulesByGateway = new WeakMap<Gateway, HeaderRules>()

/**
 * Sends a permitted request to a backend. No attempt is repeated: the gateway cannot know what a lost request did.
 *
 * @returns the running exchange, or why there is none
 * @throws TypeError for anything but a permit of admission, settled, with a body that was checked where one is asked for
 */
export function forward({ permit, gateway, client, body }: Departure, state: ForwardState): Exchange | NotForwarded {
  if (!isPermit(permit)) throw new TypeError('only what was admitted is forwarded')
  if (!isSettled(permit)) throw new TypeError('only what is settled is forwarded')
  const { content } = permit
  const withBody = hasBody(client.request)
  if (withBody && content.body.length > 0 && (body === null || !isCheckedFor(body, permit)))
    throw new TypeError('only a body that was checked is forwarded where a policy asks for it')
  const { action, key } = content.plan
  const backend = chooseBackend(action.backends, state.random)
  if (backend === null) return { code: 'no-endpoint', retryAfter: null, upstream: null }
  if (backend.type === 'Invalid') return { code: 'config-invalid', retryAfter: null, upstream: null }
  const name = backend.upstream
  const pooled = state.pools.upstream(gateway, name, action.timeouts.connect)
  if (pooled === null) return { code: 'config-invalid', retryAfter: null, upstream: name }
  const target = targetOf(pooled, content, state)
  if (target === null) return { code: 'no-endpoint', retryAfter: null, upstream: name }
  const path = content.facts.path + (content.whole ?? content.facts).query
  const proof = proofOf(backend.auth, gateway, { content, target: path, now: state.clock.now() })
  if (typeof proof === 'string') return { code: proof, retryAfter: null, upstream: name }
  const headers = requestHeaders(content, rulesOf(gateway), { authority: pooled.authority, hasBody: withBody, proof })
  // A call that has begun must be reported, so what could still fail comes before it.
  const call = action.breaker === null ? null : state.breakers.enter(`${key} ${name}`, action.breaker)
  if (call !== null && 'retryIn' in call)
    return { code: 'circuit-open', retryAfter: Math.ceil(call.retryIn / 1000), upstream: name }
  return dispatch({ client, content, name, path, headers, withBody, body, target, call }, state.clock)
}

function targetOf(pooled: PooledUpstream, content: PermitContent, { balancers }: ForwardState): PooledAddress | null {
  const { balancing } = content.plan.action
  if (balancing === null) return pooled.next()
  return balancers.of(pooled, balancing).pick(affinityOf(balancing.pick, content), null)
}

interface Dispatched {
  readonly client: ClientSide
  readonly content: PermitContent
  readonly name: string
  /** With the query. */
  readonly path: string
  /** Name, value, name, value … */
  readonly headers: string[]
  readonly withBody: boolean
  readonly body: CheckedBody | null
  readonly target: PooledAddress
  readonly call: BreakerCall | null
}

function dispatch(departing: Dispatched, clock: Clock): Exchange {
  const { client, content, name, path, headers, withBody, body, target, call } = departing
  const exceeded = (): void => exchange.fail('body-too-large')
  const upload = withBody && body === null ? uploadOf(client.request, content.maxBodySize, exceeded) : null
  const exchange = new Exchange(client, { name, target, call, body: upload }, content, clock)
  target.pool.dispatch(
    {
      method: content.facts.method,
      path,
      headers,
      body: body === null ? upload : body.bytes,
      // undici closes the connection after HEAD and after bodies that it does not expect unless told not to.
      reset: false,
    },
    exchange.attempt,
  )
  return exchange
}

function rulesOf(gateway: Gateway): HeaderRules {
  let rules = rulesByGateway.get(gateway)
  if (rules === undefined) rulesByGateway.set(gateway, (rules = headerRules(gateway.installation.identityHeaders)))
  return rules
}
