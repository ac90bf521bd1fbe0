import type { Provider } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import { apiKeyProvider } from './apiKeyProvider.ts'
import { couldClaimTheSame } from './claims.ts'
import type { Expiry } from './expiry.ts'
import { note, type Note } from './findings.ts'
import { introspectionProvider } from './introspectionProvider.ts'
import type { IssuerKeys } from './issuers.ts'
import { jwtProvider } from './jwtProvider.ts'
import { mtlsProvider } from './mtlsProvider.ts'
import type { Made, Place, ProviderSources, ProviderSpec } from './providerParts.ts'
import type { Purse } from './purse.ts'
import type { Sealed } from './seal.ts'

function made(spec: ProviderSpec, place: Place, sources: ProviderSources): Made {
  if (spec.jwt) return jwtProvider(spec.jwt, place, sources)
  if (spec.apiKey) return apiKeyProvider(spec.apiKey, place, sources)
  if (spec.introspection) return introspectionProvider(spec.introspection, place, sources)
  if (spec.mtls) return mtlsProvider(spec.mtls, place, sources)
  return { method: { type: 'Anonymous' }, resources: [], notes: [], broken: false, anchors: null }
}

/** What is not written is not asserted. */
const assertsOf = (asserts: ProviderSpec['asserts']): Provider['asserts'] => ({
  roles: asserts?.roles ?? [],
  groups: asserts?.groups ?? [],
  tenants: asserts?.tenants ?? [],
  plans: asserts?.plans ?? [],
})

/** The providers of a policy, the resources that they name, and what was wrong. */
export interface Providers {
  readonly providers: readonly Provider[]
  readonly resources: readonly Sealed[]
  readonly notes: readonly Note[]
  /** The issuers that they name. */
  readonly issuers: readonly IssuerKeys[]
  readonly expiries: readonly Expiry[]
}

/**
 * A provider of which a part is missing, wrong or too large stays, broken: what it claims is refused (M7), and the resource that
 * it names is there and empty. Entries that could claim the same credential are all broken (M3).
 */
export function providersOf(
  specs: readonly ProviderSpec[],
  { policy, purse }: { readonly policy: WorldObject; readonly purse: Purse },
  sources: ProviderSources,
): Providers {
  const { namespace, name } = policy.meta
  const at = (index: number): string => `/spec/authentication/anyOf/${index}`
  const all = specs.map((spec, index) => ({
    spec,
    ...made(spec, { policy, name: `${namespace}/${name}/${spec.name}`, at: at(index), purse }, sources),
  }))
  const ambiguous = all.map((one) => all.some((other) => other !== one && couldClaimTheSame(one, other)))
  const places = ambiguous.flatMap((is, index) => (is ? [at(index)] : []))
  return {
    providers: all.map(({ spec, method, broken }, index) => ({
      name: spec.name,
      asserts: assertsOf(spec.asserts),
      method,
      broken: broken || ambiguous[index] === true,
    })),
    resources: all.flatMap(({ resources }) => resources),
    issuers: all.flatMap(({ issuer }) => issuer ?? []),
    expiries: all.flatMap(({ spec, ends }) => (ends ?? []).map((one) => ({ provider: spec.name, ...one }))),
    notes: [
      ...all.flatMap(({ notes }) => notes),
      ...(places.length > 0 ? [note('PartiallyInvalid', 'AmbiguousProviders', ...places)] : []),
    ],
  }
}
