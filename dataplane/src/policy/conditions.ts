import type { PrincipalCondition } from '@gatehouse/contract'
import type { ClientCertificate } from '../gateway/facts.ts'
import { claimAt, scalarTexts } from './claims.ts'
import { fittingName, namePattern, type NamePattern } from './subjectAltNames.ts'
import type { Principal } from './principal.ts'

/** A condition on the certificate of the connection, made ready. */
interface CertificateCondition {
  readonly attribute: 'ClientCertificate'
  readonly patterns: readonly NamePattern[]
}

/** A condition on a caller, made ready. */
export type ReadyCondition = Exclude<PrincipalCondition, { attribute: 'ClientCertificate' }> | CertificateCondition

export const readyConditions = (conditions: readonly PrincipalCondition[]): readonly ReadyCondition[] =>
  conditions.map((condition) =>
    condition.attribute === 'ClientCertificate'
      ? { attribute: 'ClientCertificate', patterns: condition.subjectAltNames.map(namePattern) }
      : condition,
  )

/** Who calls, as a check sees it. */
export interface Caller {
  /** null for an anonymous caller and for one that the check does not believe (M5). */
  readonly principal: Principal | null
  /** Verified; of the connection. */
  readonly certificate: ClientCertificate | null
}

/** What a condition comes to; null when the fact that it asks for is lacking or unreadable. */
type Outcome = boolean | null

type Quantified = Extract<PrincipalCondition, { attribute: 'Claim' }>['values']

/**
 * Whether all conditions hold for a caller.
 *
 * @param unknown - what a condition counts as whose fact is lacking: true in a Deny, false elsewhere (M4)
 */
export function allHold(conditions: readonly ReadyCondition[], caller: Caller, unknown: boolean): boolean {
  for (const condition of conditions) {
    if (!(outcome(condition, caller) ?? unknown)) return false
  }
  return true
}

function outcome(condition: ReadyCondition, { principal, certificate }: Caller): Outcome {
  switch (condition.attribute) {
    case 'Anyone':
      return true
    case 'Authenticated':
      return principal !== null
    case 'ClientCertificate':
      return certificate === null ? null : fittingName(condition.patterns, certificate) !== null
    default:
      return principal === null ? null : attributeOutcome(condition, principal)
  }
}

type AttributeCondition = Exclude<ReadyCondition, { attribute: 'Anyone' | 'Authenticated' | 'ClientCertificate' }>

function attributeOutcome(condition: AttributeCondition, principal: Principal): Outcome {
  switch (condition.attribute) {
    case 'Role':
      return among(principal.roles, condition.values)
    case 'Scope':
      return among(principal.scopes, condition.values)
    case 'Group':
      return among(principal.groups, condition.values)
    case 'Tenant':
      return principal.tenant === null ? null : among([principal.tenant], condition.values)
    case 'Plan':
      return principal.plan === null ? null : among([principal.plan], condition.values)
    case 'Provider':
      return among([principal.provider], condition.values)
    case 'TrustLevel':
      return principal.trustLevel === null ? null : principal.trustLevel >= condition.min
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
