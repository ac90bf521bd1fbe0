import type { Provider } from '@gatehouse/contract'

/** What a provider calls its trust levels, lowest first. */
export interface TrustName {
  readonly level: number
  readonly text: string
}

/** The names of a provider whose trust level is the claim that RFC 9470 3 can ask for; none for any other. */
export function trustNamesOf({ method }: Provider): readonly TrustName[] {
  const trust = 'map' in method ? method.map.trustLevel : null
  if (trust === null || trust.claim.length !== 1 || trust.claim[0] !== 'acr') return []
  return Object.entries(trust.values)
    .map(([text, level]) => ({ level, text }))
    .sort((a, b) => a.level - b.level)
}

/** The names of all levels that will do. */
export const namesFrom = (names: readonly TrustName[], min: number): readonly string[] =>
  names.filter(({ level }) => level >= min).map(({ text }) => text)
