import type { DeniedCaller, ResourceSpec } from '@gatehouse/contract'
import type { Address } from '../address.ts'
import { addressSet, type AddressSet } from './addressSet.ts'
import { clientIdsOf, providerNamed } from './callerNames.ts'
import type { Principal } from './principal.ts'
import { readRanges } from './readyRule.ts'

type Names = { readonly [W in DeniedCaller['what']]: Set<string> }

/** Callers, by the object of their provider or by their issuer. */
interface DeniedCallers {
  readonly providers: ReadonlyMap<string, Names>
  readonly issuers: ReadonlyMap<string, Names>
}

/** A deny list, ready to be asked. */
export interface DenyList {
  /** null = it speaks of no address. */
  readonly addresses: AddressSet | null
  /** null = it speaks of no caller. */
  readonly callers: DeniedCallers | null
}

/**
 * @param policy - the one that names the list, `namespace/name`
 * @returns `broken` when an address cannot be read: nobody knows whom it was to keep out (M7)
 */
export function readyDenyList({ ranges, callers }: ResourceSpec<'denyList'>, policy: string): DenyList | 'broken' {
  const read = readRanges(ranges)
  if (read === null) return 'broken'
  return {
    addresses: read.length === 0 ? null : addressSet(read),
    callers: callers.length === 0 ? null : deniedCallers(callers, policy),
  }
}

function deniedCallers(callers: readonly DeniedCaller[], policy: string): DeniedCallers {
  const providers = new Map<string, Names>()
  const issuers = new Map<string, Names>()
  for (const { of, name, what, value } of callers) {
    const [map, key] = of === 'Issuer' ? [issuers, name] : [providers, providerNamed(name, policy)]
    const names = map.get(key) ?? { Subject: new Set(), ClientId: new Set() }
    map.set(key, names)
    names[what].add(value)
  }
  return { providers, issuers }
}

/** @param address - null = not known, and then it may be any of those denied (M4) */
export const deniesAddress = (addresses: AddressSet, address: Address | null): boolean =>
  address === null || addresses.has(address)

/** Whether a verified caller is denied. It costs the same for one entry and for ten thousand. */
export const deniesCaller = ({ providers, issuers }: DeniedCallers, principal: Principal): boolean =>
  holds(providers.get(principal.providerObject), principal) || holds(issuers.get(principal.issuer), principal)

const holds = (names: Names | undefined, principal: Principal): boolean =>
  names !== undefined &&
  (names.Subject.has(principal.subject) ||
    clientIdsOf(principal).some((id) => typeof id === 'string' && names.ClientId.has(id)))

/** Addresses that a policy in force denies, at its level. */
export interface DeniedAddressCheck {
  readonly policy: string
  readonly level: number
  readonly addresses: AddressSet
}

/** Callers that a policy in force denies, at its level. */
export interface DeniedCallerCheck {
  readonly policy: string
  readonly level: number
  readonly callers: DeniedCallers
}
