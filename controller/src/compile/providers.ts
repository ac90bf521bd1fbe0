import type { AccessPolicySpec } from '@gatehouse/crds'
import type { Provider, ResourceSpec } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import { jsonBytes, listBytes } from './budget.ts'
import { couldClaimTheSame } from './claims.ts'
import { milliseconds } from './durations.ts'
import { note, type Note } from './findings.ts'
import { memoised } from './memo.ts'
import { publicKeysOf, type PublicKeys } from './keySets.ts'
import type { Outbound } from './outbound.ts'
import type { Purse } from './purse.ts'
import type { References } from './references.ts'
import { sealOnce, type Sealed } from './seal.ts'
import type { Selection, Selections } from './selections.ts'
import { trustBundle } from './trust.ts'

type ProviderSpec = NonNullable<AccessPolicySpec['authentication']>['anyOf'][number]
type Jwt = NonNullable<ProviderSpec['jwt']>
type ApiKey = NonNullable<ProviderSpec['apiKey']>
type Mtls = NonNullable<ProviderSpec['mtls']>
type KeySet = ResourceSpec<'keySet'>

/** What providers are made from beside their own text. */
export interface ProviderSources {
  readonly references: References
  readonly outbound: Outbound
  /** Of the namespace's Secrets of type gatehouse.dev/api-keys. */
  readonly selections: Selections
  /** True when a missing object proves nothing. */
  readonly folder: boolean
}

/** Where a provider stands: its policy, the name that its resources get, and the JSON pointer to it. */
interface Place {
  readonly policy: WorldObject
  readonly name: string
  readonly at: string
  /** What its key set, API keys or authorities are paid from: one that does not fit leaves the provider broken. */
  readonly purse: Purse
}

/** A provider in the making. */
interface Made {
  readonly method: Provider['method']
  readonly resources: readonly Sealed[]
  readonly notes: readonly Note[]
  readonly broken: boolean
  readonly anchors: readonly string[] | null
}

const locations = (from: Jwt['from']) =>
  from.map(({ header, prefix }) => ({ header: header.toLowerCase(), prefix: prefix ?? '' }))

const inlineKeys = memoised((jwks: Jwt['jwks']) => publicKeysOf(jwks.inline ?? ''))

function inlineSet(keys: PublicKeys, { purse }: Place, at: string): KeySet | Note {
  const fits = purse.pay(listBytes(keys))
  return fits ? { type: 'Inline', keys: [...keys] } : note('ResolvedRefs', 'BudgetExceeded', at)
}

/** The key set, or what is wrong and where. */
function keySetOf(jwks: Jwt['jwks'], place: Place, sources: ProviderSources): KeySet | Note {
  const { policy, at } = place
  const { namespace } = policy.meta
  if (jwks.uri !== undefined) {
    const fetch = sources.outbound(namespace, jwks.uri)
    if (!fetch) return note('ResolvedRefs', 'OutboundNotAllowed', `${at}/uri`)
    const remote = { type: 'Remote' as const, uri: jwks.uri, ...fetch }
    return place.purse.pay(jsonBytes(remote)) ? remote : note('ResolvedRefs', 'BudgetExceeded', `${at}/uri`)
  }
  if (!jwks.configMapRef) {
    const keys = inlineKeys(jwks)
    return keys ? inlineSet(keys, place, `${at}/inline`) : note('ResolvedRefs', 'InvalidKeySet', `${at}/inline`)
  }
  const { name, key } = jwks.configMapRef
  const found = sources.references.keySet(namespace, name, key)
  const where = `${at}/configMapRef`
  return found.ok ? inlineSet(found.value, place, where) : note('ResolvedRefs', found.reason, where)
}

function jwtProvider(jwt: Jwt, place: Place, sources: ProviderSources): Made {
  const found = keySetOf(jwt.jwks, { ...place, at: `${place.at}/jwt/jwks` }, sources)
  const broken = 'reason' in found
  const spec: KeySet = broken ? { type: 'Inline', keys: [] } : found
  const method = {
    type: 'Jwt' as const,
    issuer: jwt.issuer,
    audiences: jwt.audiences,
    algorithms: jwt.algorithms,
    keySet: place.name,
    from: locations(jwt.from),
    requiredTyp: jwt.requiredTyp ?? null,
    clockSkew: milliseconds(jwt.clockSkew),
    map: { roles: jwt.map?.roles ?? null, scopes: jwt.map?.scopes ?? null, tenant: jwt.map?.tenant ?? null },
  }
  const resource = sealOnce(place.policy, { kind: 'keySet', name: place.name, spec })
  return { method, resources: [resource], notes: broken ? [found] : [], broken, anchors: null }
}

/** Why no Secret is selected; null when one is. @param selection - null = they are not read */
function unselected(
  selection: Selection | null,
  { folder }: ProviderSources,
): 'NamespaceNotWatched' | 'NotInFolder' | 'NoKeysSelected' | null {
  if (selection === null) return 'NamespaceNotWatched'
  if (selection.secrets.length > 0) return null
  return folder ? 'NotInFolder' : 'NoKeysSelected'
}

function apiKeyProvider(apiKey: ApiKey, place: Place, sources: ProviderSources): Made {
  const { matchLabels } = apiKey.secretSelector
  const { selections } = sources
  const readable = selections.select(matchLabels)
  const selection = readable ?? selections.none()
  const fits = place.purse.payOnce(selection.name, selection.bytes)
  const { resource, notes } = selections.keysOf(fits ? selection : selections.none())
  const none = fits ? unselected(readable, sources) : 'BudgetExceeded'
  return {
    method: { type: 'ApiKey', from: locations(apiKey.from), credentials: resource.resource.name },
    resources: [resource],
    notes: none === null ? notes : [note('ResolvedRefs', none, `${place.at}/apiKey/secretSelector`)],
    // Nobody is refused as unknown who may well be known where we do not look.
    broken: !fits || readable === null,
    anchors: null,
  }
}

function mtlsProvider(mtls: Mtls, place: Place, sources: ProviderSources): Made {
  const refs = mtls.caCertificateRefs ?? []
  const at = `${place.at}/mtls/caCertificateRefs`
  const { anchors, bytes, notes: unresolved } = trustBundle(sources.references, place.policy.meta.namespace, refs, at)
  const narrows = refs.length > 0
  const fits = !narrows || place.purse.pay(bytes)
  const notes = fits ? unresolved : [...unresolved, note('ResolvedRefs', 'BudgetExceeded', at)]
  const spec = { anchors: fits ? [...anchors] : [] }
  return {
    method: { type: 'Mtls', subjectAltNames: mtls.subjectAltNames, trust: narrows ? place.name : null },
    resources: narrows ? [sealOnce(place.policy, { kind: 'trust', name: place.name, spec })] : [],
    notes,
    broken: notes.length > 0,
    anchors: narrows ? anchors : null,
  }
}

function made(spec: ProviderSpec, place: Place, sources: ProviderSources): Made {
  if (spec.jwt) return jwtProvider(spec.jwt, place, sources)
  if (spec.apiKey) return apiKeyProvider(spec.apiKey, place, sources)
  if (spec.mtls) return mtlsProvider(spec.mtls, place, sources)
  return { method: { type: 'Anonymous' }, resources: [], notes: [], broken: false, anchors: null }
}

/** The providers of a policy, the resources that they name, and what was wrong. */
export interface Providers {
  readonly providers: readonly Provider[]
  readonly resources: readonly Sealed[]
  readonly notes: readonly Note[]
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
      asserts: { roles: spec.asserts?.roles ?? [], tenants: spec.asserts?.tenants ?? [] },
      method,
      broken: broken || ambiguous[index] === true,
    })),
    resources: all.flatMap(({ resources }) => resources),
    notes: [
      ...all.flatMap(({ notes }) => notes),
      ...(places.length > 0 ? [note('PartiallyInvalid', 'AmbiguousProviders', ...places)] : []),
    ],
  }
}
