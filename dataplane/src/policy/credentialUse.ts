import { namespaceOf } from './namespaceOf.ts'
import type { Principal } from './principal.ts'

/** What one policy in force says of a caller's credential. */
export interface CredentialWord {
  /** `namespace/name`. */
  readonly policy: string
  readonly level: number
  /** null = it does not say. */
  readonly credential: 'Strip' | 'Forward' | null
}

/** A policy that lets credentials go on. */
export interface Forwarder {
  readonly namespace: string
  readonly level: number
}

/** @returns who lets a credential go on; null = nobody does, or somebody says that it stays (M2) */
export function forwardersOf(words: readonly CredentialWord[]): readonly Forwarder[] | null {
  if (words.some(({ credential }) => credential === 'Strip')) return null
  const forwarders = words.filter(({ credential }) => credential === 'Forward')
  if (forwarders.length === 0) return null
  return forwarders.map(({ policy, level }) => ({ namespace: namespaceOf(policy), level }))
}

/**
 * Whether this caller's credential goes on to the backend. Whoever only uses a provider of somebody else does not get
 * hold of what it verifies: that may be good for other backends too.
 */
export const goesOn = (forwarders: readonly Forwarder[], { providerObject, level }: Principal): boolean =>
  forwarders.some((one) => one.level <= level || one.namespace === namespaceOf(providerObject))
