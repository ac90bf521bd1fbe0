import type { AccessPolicySpec } from '@gatehouse/crds'
import type { Provider, Resource, ResourceSpec } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import { selectedKeys } from './apiKeys.ts'
import { couldClaimTheSame } from './claims.ts'
import { milliseconds } from './durations.ts'
import { note, type Note } from './findings.ts'
import { memoised } from './memo.ts'
import { publicKeysOf } from './keySets.ts'
import { matchesLabels } from './labels.ts'
import type { Outbound } from './outbound.ts'
import type { References } from './references.ts'
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
  /** Secrets of type gatehouse.dev/api-keys of a namespace. */
  apiKeySecrets(namespace: string): readonly WorldObject[]
  /** True when a missing object proves nothing. */
  readonly folder: boolean
}

/** Where a provider stands: its namespace, the name that its resources get, and the JSON pointer to it. */
interface Place {
  readonly namespace: string
  readonly name: string
  readonly at: string
}

/** A provider in the making. */
interface Made {
  readonly method: Provider['method']
  readonly resources: readonly Resource[]
  readonly notes: readonly Note[]
  readonly broken: boolean
  readonly anchors: readonly string[] | null
}

const locations = (from: Jwt['from']) =>
  from.map(({ header, prefix }) => ({ header: header.toLowerCase(), prefix: prefix ?? '' }))

const inlineKeys = memoised((jwks: Jwt['jwks']) => publicKeysOf(jwks.inline ?? ''))

/** The key set, or what is wrong and where. */
function keySetOf(jwks: Jwt['jwks'], { namespace, at }: Place, sources: ProviderSources): KeySet | Note {
  if (jwks.uri !== undefined) {
    const fetch = sources.outbound(namespace, jwks.uri)
    return fetch ? { type: 'Remote', uri: jwks.uri, ...fetch } : note('ResolvedRefs', 'OutboundNotAllowed', `${at}/uri`)
  }
  if (!jwks.configMapRef) {
    const keys = inlineKeys(jwks)
    return keys ? { type: 'Inline', keys: [...keys] } : note('ResolvedRefs', 'InvalidKeySet', `${at}/inline`)
  }
  const { name, key } = jwks.configMapRef
  const found = sources.references.keySet(namespace, name, key)
  return found.ok
    ? { type: 'Inline', keys: [...found.value] }
    : note('ResolvedRefs', found.reason, `${at}/configMapRef`)
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
  const resources = [{ kind: 'keySet' as const, name: place.name, spec }]
  return { method, resources, notes: broken ? [found] : [], broken, anchors: null }
}

function apiKeyProvider(apiKey: ApiKey, place: Place, sources: ProviderSources): Made {
  const { matchLabels } = apiKey.secretSelector
  const secrets = sources
    .apiKeySecrets(place.namespace)
    .filter((secret) => matchesLabels(secret.meta.labels, matchLabels))
  const { clients, notes, name } = selectedKeys(secrets)
  const credentials = `${place.namespace}/${name}`
  const none = sources.folder ? 'NotInFolder' : 'NoKeysSelected'
  const unselected = secrets.length === 0 ? [note('ResolvedRefs', none, `${place.at}/apiKey/secretSelector`)] : []
  return {
    method: { type: 'ApiKey', from: locations(apiKey.from), credentials },
    resources: [{ kind: 'credentials', name: credentials, spec: { clients } }],
    notes: [...unselected, ...notes],
    broken: false,
    anchors: null,
  }
}

function mtlsProvider(mtls: Mtls, place: Place, sources: ProviderSources): Made {
  const refs = mtls.caCertificateRefs ?? []
  const { anchors, notes } = trustBundle(
    sources.references,
    place.namespace,
    refs,
    `${place.at}/mtls/caCertificateRefs`,
  )
  const narrows = refs.length > 0
  return {
    method: { type: 'Mtls', subjectAltNames: mtls.subjectAltNames, trust: narrows ? place.name : null },
    resources: narrows ? [{ kind: 'trust', name: place.name, spec: { anchors: [...anchors] } }] : [],
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
  readonly resources: readonly Resource[]
  readonly notes: readonly Note[]
}

/**
 * A provider of which a part is missing or wrong stays, broken: what it claims is refused (M7), and the resource that
 * it names is there and empty. Entries that could claim the same credential are all broken (M3).
 */
export function providersOf(specs: readonly ProviderSpec[], policy: WorldObject, sources: ProviderSources): Providers {
  const { namespace, name } = policy.meta
  const at = (index: number): string => `/spec/authentication/anyOf/${index}`
  const all = specs.map((spec, index) => ({
    spec,
    ...made(spec, { namespace, name: `${namespace}/${name}/${spec.name}`, at: at(index) }, sources),
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
