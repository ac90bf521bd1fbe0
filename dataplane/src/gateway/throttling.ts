import { clientNetwork } from '../address.ts'
import type { Clock } from '../clock.ts'
import type { Authentication } from '../policy/authentication.ts'
import { recognised } from '../policy/recognition.ts'
import { blockOf, countFailure, type Block } from '../policy/throttle.ts'
import { decidedBy, refuse, type Case } from './refusing.ts'
import type { Refusal } from './refusal.ts'
import type { EnforcedPlan } from './rulePlan.ts'

/** The block of the client's network; null = it may try, as where the network is not known. Whoever only looks on (M9) is not blocked and blocks nobody. */
export function blockFor({ facts, witness }: Case, { throttles }: EnforcedPlan, clock: Clock): Block | null {
  const { clientAddress } = facts
  if (throttles.length === 0 || witness !== null || clientAddress === null) return null
  return blockOf(throttles, clientNetwork(clientAddress), clock.monotonic())
}

/** From a blocked network only those come in whose credential needs no verifying, and those without one (M8). */
export function throttled(request: Case, plan: EnforcedPlan, block: Block, clock: Clock): Refusal | Authentication {
  const known = recognised(plan.authenticator, request.facts, clock.now())
  if (known !== 'unknown') return known
  const { policy, level } = block.check
  decidedBy(request.judgement, { policy, item: null, level })
  const retryAfter = Math.max(1, Math.ceil(block.remaining / 1000))
  return refuse(request, 'too-many-failures', 'throttle', { retryAfter })
}

/** Counts a credential that nobody issued, where the client's network is known: others would pay for it. */
export function countForgery({ facts, witness }: Case, { throttles }: EnforcedPlan, clock: Clock): void {
  const { clientAddress } = facts
  if (throttles.length === 0 || witness !== null || clientAddress === null) return
  countFailure(throttles, clientNetwork(clientAddress), clock.monotonic())
}
