import type { ForwardPlan, PlannedBackend } from '../gateway/actionPlan.ts'
import type { Gateway, PermitContent } from '../gateway/gateway.ts'
import type { RefusalCode } from '../gateway/refusal.ts'
import type { Clock } from '../clock.ts'
import type { Balancers } from '../state/balancing/balancers.ts'
import type { Breakers } from '../state/breakers.ts'
import type { PooledAddress, PooledUpstream } from '../state/pools.ts'
import { chooseAddress } from './addressChoice.ts'
import type { AttemptTarget } from './attempt.ts'
import { headerRules, type HeaderRules } from './headerRules.ts'
import { proofOf } from './proof.ts'
import { requestHeaders } from './requestHeaders.ts'

/** What all tries of one request have in common. */
export interface Trip {
  readonly gateway: Gateway
  readonly content: PermitContent
  readonly plan: ForwardPlan
  readonly backend: Extract<PlannedBackend, { type: 'Upstream' }>
  readonly pooled: PooledUpstream
  /** With the query. */
  readonly path: string
  readonly hasBody: boolean
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

const rulesByGateway = new WeakMap<Gateway, HeaderRules>()

/**
 * Finds an address for a try, and leave to use it.
 *
 * @param tries - how many tries this makes; each proves the gateway anew
 * @param last - where the try before went, which is avoided; null = this is the first
 */
export function start(trip: Trip, tries: number, last: PooledAddress | null, tools: Tools): Start | NotForwarded {
  const { gateway, content, plan, backend, pooled, path, hasBody } = trip
  const { action, key } = plan
  const { upstream } = backend
  const target = chooseAddress(trip, last, tools.balancers)
  if (target === null) return { code: 'no-endpoint', retryAfter: null, upstream }
  const id = tries === 1 ? content.facts.id : `${content.facts.id}.${tries}`
  const proof = proofOf(backend.auth, gateway, { content, target: path, now: tools.clock.now(), id })
  if (typeof proof === 'string') return { code: proof, retryAfter: null, upstream }
  const authority = action.rewrite?.hostname ?? pooled.authority
  const destination = { authority, hasBody, proof, edit: backend.requestEdit }
  const headers = requestHeaders(content, rulesOf(gateway), destination)
  // A call that has begun must be reported, so what could still fail comes before it.
  const call = action.breaker === null ? null : tools.breakers.enter(`${key} ${upstream}`, action.breaker)
  if (call !== null && 'retryIn' in call)
    return { code: 'circuit-open', retryAfter: Math.ceil(call.retryIn / 1000), upstream }
  return { target, call, headers }
}

export function rulesOf(gateway: Gateway): HeaderRules {
  let rules = rulesByGateway.get(gateway)
  if (rules === undefined) rulesByGateway.set(gateway, (rules = headerRules(gateway.installation.identityHeaders)))
  return rules
}
