import type { ForwardPlan, PlannedBackend } from '../gateway/actionPlan.ts'
import type { Gateway, PermitContent } from '../gateway/gateway.ts'
import { soon, type RefusalCode } from '../gateway/refusal.ts'
import type { Clock } from '../clock.ts'
import type { Balancers } from '../state/balancing/balancers.ts'
import type { Breakers } from '../state/breakers.ts'
import type { PooledAddress, PooledUpstream } from '../state/pools.ts'
import type { NamespaceLoad } from '../state/namespaceLoads.ts'
import type { Place } from '../state/places.ts'
import { chooseAddress } from './addressChoice.ts'
import type { AttemptTarget } from './attempt.ts'
import type { ClientSide } from './clientSide.ts'
import type { CheckedBody } from './incomingBody.ts'
import type { Mirroring } from './mirroring.ts'
import { proofOf } from './proof.ts'
import { requestHeaders } from './requestHeaders.ts'
import { rulesOf } from './rulesOf.ts'

/** What all tries of one request have in common. */
export interface Trip {
  readonly gateway: Gateway
  readonly content: PermitContent
  readonly plan: ForwardPlan
  readonly backend: Extract<PlannedBackend, { type: 'Upstream' }>
  readonly pooled: PooledUpstream
  /** Of the route's namespace, with room for this request. */
  readonly load: NamespaceLoad
  /** With the query. */
  readonly path: string
  readonly hasBody: boolean
  /** Copies that are made of it; null = none. */
  readonly mirroring: Mirroring | null
  readonly client: ClientSide
  /** The body when it had to be looked at; null = it is passed on as it comes, or there is none. */
  readonly checked: CheckedBody | null
}

/** `namespace/route/rule` and the name of the upstream: what breakers, budgets and places are kept by (M16). */
export const keyOf = ({ plan, backend }: Trip): string => `${plan.key} ${backend.upstream}`

/** Which try it is. */
export interface Turn {
  /** How many tries this makes; each proves the gateway anew. */
  readonly tries: number
  /** Where the try before went, which is avoided; null = this is the first. */
  readonly last: PooledAddress | null
  /** Its place among those that run; null = their number has no bound. */
  readonly place: Place | null
}

/** A try that may begin. */
export interface Start extends AttemptTarget {
  /** Name, value, name, value … */
  readonly headers: string[]
}

/** Why a permitted request was not sent. */
export interface NotForwarded {
  readonly code: RefusalCode
  /** Seconds; null = none. */
  readonly retryAfter: number | null
  /** Name of the upstream; null when none was chosen. */
  readonly upstream: string | null
}

interface Tools {
  readonly balancers: Balancers
  readonly breakers: Breakers
  readonly clock: Clock
}

/**
 * Finds an address for a try, and leave to use it.
 *
 * @throws whatever its headers cannot be written for
 */
export function start(trip: Trip, { tries, last, place }: Turn, tools: Tools): Start | NotForwarded {
  const { gateway, content, plan, backend, pooled, path, hasBody } = trip
  const { rewrite, breaker } = plan.action
  const { upstream } = backend
  const target = chooseAddress(trip, last, tools.balancers)
  if (target === null) return { code: 'no-endpoint', retryAfter: soon, upstream }
  const id = tries === 1 ? content.facts.id : `${content.facts.id}.${tries}`
  const proof = proofOf(backend.auth, gateway, { content, target: path, now: tools.clock.now(), id })
  if (typeof proof === 'string') return { code: proof, retryAfter: null, upstream }
  const authority = rewrite?.hostname ?? pooled.authority
  const destination = { authority, hasBody, proof, edit: backend.requestEdit }
  const headers = requestHeaders(content, rulesOf(gateway), destination)
  // A call that has begun must be reported, so what could still fail comes before it.
  const call = breaker === null ? null : tools.breakers.enter(keyOf(trip), breaker)
  if (call !== null && 'retryIn' in call)
    return { code: 'circuit-open', retryAfter: Math.ceil(call.retryIn / 1000), upstream }
  return { target, call, place, headers }
}
