import type { KeySource } from '../state/keySource.ts'

/** Seconds; nobody is told. */
const unknownFor = 1

/**
 * The keys that enforcement fetches anyway, for an evaluation that may fetch none (M9). Where it finds no key it does
 * not know whether there is one: the set may have been fetched before the key was made, or by nobody at all.
 *
 * @param lend - null when nobody fetches these keys
 */
export const borrowedKeys = (lend: () => KeySource | null): KeySource => ({
  find: (kid, algorithm) => lend()?.find(kid, algorithm) ?? [],
  has: (id) => lend()?.has(id) ?? false,
  renew: () => Promise.resolve(),
  unavailableFor: () => unknownFor,
})
