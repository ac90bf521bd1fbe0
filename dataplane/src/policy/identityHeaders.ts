import type { IdentityHeader } from '@gatehouse/contract'
import { believed } from './attributes.ts'
import { claimAt, scalarText, scalarTexts } from './claims.ts'
import type { Principal } from './principal.ts'
import { plainValue, stringList } from './structuredField.ts'

/** The identity headers of one policy at its level. */
export interface HeaderPlan {
  /** `namespace/name`. */
  readonly policy: string
  readonly level: number
  readonly headers: readonly IdentityHeader[]
}

/** Most characters of one value: what backends commonly take. */
const maxValue = 4096

const none: readonly string[] = []

/**
 * What the backend is told of the caller (M10): single values as they are, lists as RFC 9651 Lists of Strings. What the
 * caller lacks is left out; so is everything of an anonymous caller and of one that the policy's level does not believe.
 *
 * @returns name, value, name, value …; the header's name alone when its value cannot be encoded
 */
export function identityHeaders(plan: HeaderPlan, caller: Principal | null): readonly string[] | string {
  const principal = believed(caller, plan.level)
  if (principal === null) return none
  const written: string[] = []
  for (const header of plan.headers) {
    const value = valueOf(header.from, principal)
    if (value === undefined) continue
    if (value === null || value.length > maxValue) return header.name
    written.push(header.name, value)
  }
  return written
}

/** @returns undefined when there is nothing to write, null when it cannot be written */
function valueOf(from: IdentityHeader['from'], principal: Principal): string | null | undefined {
  switch (from.type) {
    case 'Subject':
      return plainValue(principal.subject)
    case 'Issuer':
      return principal.issuer === '' ? undefined : plainValue(principal.issuer)
    case 'Roles':
      return list(principal.roles)
    case 'Scopes':
      return list(principal.scopes)
    case 'Groups':
      return list(principal.groups)
    case 'Tenant':
      return principal.tenant === null ? undefined : plainValue(principal.tenant)
    case 'Plan':
      return principal.plan === null ? undefined : plainValue(principal.plan)
    case 'Provider':
      return plainValue(principal.provider)
    case 'Claim':
      return claimValue(claimAt(principal.claims, from.path))
  }
}

/** RFC 9651 3.1: an empty List is written by leaving the header out. */
const list = (texts: readonly string[]): string | null | undefined =>
  texts.length === 0 ? undefined : stringList(texts)

function claimValue(claim: unknown): string | null | undefined {
  if (claim === undefined || claim === '') return undefined
  if (Array.isArray(claim)) {
    const texts = scalarTexts(claim)
    return texts === null ? null : list(texts)
  }
  const text = scalarText(claim)
  return text === null ? null : plainValue(text)
}
