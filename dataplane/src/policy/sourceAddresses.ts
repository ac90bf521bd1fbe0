import type { SourceIPs } from '@gatehouse/contract'
import { inAnyRange, parseAddress, type AddressRange } from '../address.ts'
import { readRanges } from './readyRule.ts'

/** The client addresses of one policy, made ready. */
export interface SourceRanges {
  /** null = any. */
  readonly allow: readonly AddressRange[] | null
  readonly deny: readonly AddressRange[]
}

/** The same at the level at which the policy applies. */
export interface SourceCheck extends SourceRanges {
  /** `namespace/name`. */
  readonly policy: string
  readonly level: number
}

/** @returns `broken` when a range cannot be read: then all that the policy covers is refused (M7) */
export function sourceRanges(spec: SourceIPs): SourceRanges | 'broken' {
  const allow = readRanges(spec.allow)
  const deny = readRanges(spec.deny)
  if (spec.broken || allow === null || deny === null) return 'broken'
  return { allow: allow.length === 0 ? null : allow, deny }
}

/**
 * The check that a client's address does not pass; null when it passes all. One that is not known passes none (M4).
 *
 * @param checks - at least one
 * @param clientAddress - canonical, so that an IPv4 address written as IPv6 is the IPv4 address
 */
export function refusedSource(checks: readonly SourceCheck[], clientAddress: string | null): SourceCheck | null {
  const address = clientAddress === null ? null : parseAddress(clientAddress)
  for (const check of checks) {
    if (address === null || inAnyRange(address, check.deny)) return check
    if (check.allow !== null && !inAnyRange(address, check.allow)) return check
  }
  return null
}
