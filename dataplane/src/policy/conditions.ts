import type { PrincipalCondition } from '@gatehouse/contract'
import { claimAt, scalarTexts } from './claims.ts'
import type { Principal } from './principal.ts'

/** What a condition comes to; null when the fact that it asks for is lacking or unreadable. */
type Outcome = boolean | null

type Quantified = Extract<PrincipalCondition, { attribute: 'Claim' }>['values']

/**
 * Whether all conditions hold for a caller.
 *
 * @param principal - null for an anonymous caller and for one that the check does not believe (M5)
 * @param unknown - what a condition counts as whose fact is lacking: true in a Deny, false elsewhere (M4)
 */
export function allHold(
  conditions: readonly PrincipalCondition[],
  principal: Principal | null,
  unknown: boolean,
): boolean {
  for (const condition of conditions) {
    if (!(outcome(condition, principal) ?? unknown)) return false
  }
  return true
}

function outcome(condition: PrincipalCondition, principal: Principal | null): Outcome {
  if (condition.attribute === 'Anyone') return true
  if (condition.attribute === 'Authenticated') return principal !== null
  if (principal === null) return null
  switch (condition.attribute) {
    case 'Role':
      return among(principal.roles, condition.values)
    case 'Scope':
      return among(principal.scopes, condition.values)
    case 'Tenant':
      return principal.tenant === null ? null : among([principal.tenant], condition.values)
    case 'Provider':
      return among([principal.provider], condition.values)
    case 'Claim': {
      const texts = scalarTexts(claimAt(principal.claims, condition.path))
      return texts === null ? null : among(texts, condition.values)
    }
  }
}

function among(facts: readonly string[], wanted: Quantified): boolean {
  return 'anyOf' in wanted
    ? wanted.anyOf.some((value) => facts.includes(value))
    : wanted.allOf.every((value) => facts.includes(value))
}
