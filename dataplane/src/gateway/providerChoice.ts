import type { Provider, ProviderChoice } from '@gatehouse/contract'
import type { Purpose } from '../policy/purpose.ts'
import type { ParsedResources } from './parse.ts'

/** A provider in force, where it is defined: its object, its caches and its level are those of that place (M5). */
export interface PlacedProvider {
  readonly provider: Provider
  /** `namespace/name` of the policy that defines it. */
  readonly policy: string
  readonly level: number
}

/**
 * Names a choice of providers: level and policy, then level, policy and provider of each that is used of others. One that
 * is made for Shadow is another.
 */
export const authenticatorName = ({ policy, level, use }: ProviderChoice, purpose: Purpose): string =>
  [
    `${purpose === 'Shadow' ? '~' : ''}${level} ${policy}`,
    ...use.map((one) => `${one.level} ${one.policy} ${one.provider}`),
  ].join('\n')

/** The policies that a choice depends on, by its name. */
export const policiesIn = (authenticator: string): readonly string[] =>
  authenticator.split('\n').map((part) => part.split(' ')[1]!)

/** @returns null when a policy that the choice names, or a provider in one, is not there */
export function chosenProviders(
  { policy, level, use }: ProviderChoice,
  parsed: ParsedResources['policy'],
): readonly PlacedProvider[] | null {
  const own = parsed.get(policy)
  if (own === undefined) return null
  const placed: PlacedProvider[] = []
  for (const used of use) {
    const provider = parsed.get(used.policy)?.spec.providers.find(({ name }) => name === used.provider)
    if (provider === undefined) return null
    placed.push({ provider, policy: used.policy, level: used.level })
  }
  return [...placed, ...own.spec.providers.map((provider) => ({ provider, policy, level }))]
}
