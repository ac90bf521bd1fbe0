import { clientNetwork } from '../address.ts'
import type { Clock } from '../clock.ts'
import type { Authentication } from '../policy/authentication.ts'
import { claimantOf } from '../policy/claiming.ts'
import { recognised } from '../policy/recognition.ts'
import { blockOf, countFailure, type Block } from '../policy/throttle.ts'
import { decidedBy, refuse, type Case } from './refusing.ts'
import type { Refusal } from './refusal.ts'
import type { EnforcedPlan } from './rulePlan.ts'

/**
 * The block of the client's network, for all that it presents or for what one provider claims; null = it may try, as where
 * the network is not known. Whoever only looks on (M9) is not blocked and blocks nobody.
 */
export function blockFor({ facts, witness }: Case, plan: EnforcedPlan, clock: Clock): Block | null {
  const { throttles, providerThrottles, authenticator } = plan
  if (throttles.length + providerThrottles.length === 0 || witness !== null || facts.clientAddress === null) return null
  const now = clock.monotonic()
  const guesser = { network: clientNetwork(facts.clientAddress), policy: authenticator.policy, provider: null }
  const block = blockOf(throttles, guesser, now)
  // Who claims a credential costs its hash, which nobody has to pay for while nobody is blocked.
  if (block !== null || !providerThrottles.some(({ table }) => table.blocked(now) > 0)) return block
  const provider = claimantOf(authenticator, facts, clock.now())
  return provider === null ? null : blockOf(providerThrottles, { ...guesser, provider }, now)
}

/** From a blocked network only those come in whose credential needs no verifying, and those without one (M8). */
export function throttled(request: Case, plan: EnforcedPlan, block: Block, clock: Clock): Refusal | Authentication {
  const known = recognised(plan.authenticator, request.facts, clock.now())
  if (known !== 'unknown') return known
  const { policy, level } = block.check
  decidedBy(request.judgement, { policy, item: block.provider, level })
  const retryAfter = Math.max(1, Math.ceil(block.remaining / 1000))
  return refuse(request, 'too-many-failures', 'throttle', { retryAfter })
}

/**
 * Counts a credential that nobody issued, where the client's network is known: others would pay for it.
 *
 * @param provider - name of the one that claimed it
 */
export function countForgery(
  { facts, witness }: Case,
  { throttles, providerThrottles, authenticator: { policy } }: EnforcedPlan,
  provider: string | null,
  clock: Clock,
): void {
  const { clientAddress } = facts
  if (throttles.length === 0 || witness !== null || clientAddress === null) return
  const network = clientNetwork(clientAddress)
  const now = clock.monotonic()
  countFailure(throttles, { network, policy, provider: null }, now)
  if (provider !== null) countFailure(providerThrottles, { network, policy, provider }, now)
}
