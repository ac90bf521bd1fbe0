import { canonicalJson, sha256, type Attachment, type Provider, type RefusedResource } from '@gatehouse/contract'
import { apiKeyProvider } from '../policy/apiKey.ts'
import type { Authenticator, CredentialPlaces } from '../policy/authentication.ts'
import { challengesOf } from '../policy/challenges.ts'
import { locationsOf, type Location, type Placed } from '../policy/location.ts'
import type { IntrospectionProvider } from '../policy/introspection.ts'
import type { JwtProvider } from '../policy/jwtProvider.ts'
import { mtlsProvider, type MtlsProvider } from '../policy/mtls.ts'
import type { Purpose } from '../policy/purpose.ts'
import { trustNamesOf } from '../policy/trustNames.ts'
import type { GatewayState } from '../state/gatewayState.ts'
import type { Introspector } from '../state/introspector.ts'
import type { KeySetSettings } from '../state/keySets.ts'
import { borrowedAnswers } from './borrowedAnswers.ts'
import { borrowedKeys } from './borrowedKeys.ts'
import type { KeySource } from '../state/keySource.ts'
import type { Lease } from '../state/lease.ts'
import type { Parsed, ParsedResources } from './parse.ts'
import type { PlacedProvider } from './providerChoice.ts'

/** What providers are made from. */
export interface AuthenticatorSources {
  readonly parsed: ParsedResources
  readonly state: GatewayState
  readonly outbound: Parsed<'installation'>['spec']['outbound']
  /** For Shadow nothing is fetched, and what is verified is remembered apart (M9). */
  readonly purpose: Purpose
}

/** A choice of providers, made ready. It is the same object as long as nothing in it changes. */
export interface CompiledAuthenticator {
  readonly authenticator: Authenticator
  readonly leases: readonly Lease<unknown>[]
  readonly refused: readonly RefusedResource[]
}

/** Where a provider stands. */
interface Place {
  readonly object: string
  readonly level: number
}

/** What is collected while providers are built. */
interface Yield {
  readonly leases: Lease<unknown>[]
  readonly refused: RefusedResource[]
}

interface Making {
  readonly sources: AuthenticatorSources
  readonly collected: Yield
}

type Method<T extends Provider['method']['type']> = Extract<Provider['method'], { type: T }>

/**
 * Builds the providers in force. One of which a part is missing or cannot be built stays, broken: what it claims is
 * refused (M7).
 *
 * @param chooser - the policy that chose them
 * @throws when it cannot be built at all; then it holds nothing
 */
export function compileAuthenticator(
  chooser: Attachment,
  providers: readonly PlacedProvider[],
  sources: AuthenticatorSources,
): CompiledAuthenticator {
  const collected: Yield = { leases: [], refused: [] }
  try {
    return { authenticator: authenticatorOf(chooser, providers, { sources, collected }), ...collected }
  } catch (error) {
    for (const lease of collected.leases) lease.release()
    throw error
  }
}

function authenticatorOf(chooser: Attachment, providers: readonly PlacedProvider[], making: Making): Authenticator {
  const placed: Placed[] = []
  const mtls: MtlsProvider[] = []
  let anonymous = false
  for (const { provider, policy, level } of providers) {
    const { method } = provider
    const place = { object: `${policy}/${provider.name}`, level }
    if (method.type === 'Anonymous') anonymous = true
    else if (method.type === 'Mtls') mtls.push(mtlsOf(provider, method, place, making))
    else if (method.type === 'ApiKey')
      placed.push({ provider: apiKeysOf(provider, method, place, making), from: method.from })
    else if (method.type === 'Introspection')
      placed.push({ provider: introspectionOf(provider, method, place, making), from: method.from })
    else placed.push({ provider: jwtOf(provider, method, place, making), from: method.from })
  }
  const locations = locationsOf(placed)
  return {
    policy: chooser.policy,
    level: chooser.level,
    anonymous,
    asksForCredential: providers.some(({ provider }) => provider.method.type !== 'Anonymous'),
    locations,
    mtls,
    places: placesOf(locations),
    challenges: challengesOf(locations),
    trustNames: new Map(
      providers.map(({ provider, policy }) => [`${policy}/${provider.name}`, trustNamesOf(provider)]),
    ),
  }
}

function placesOf(locations: readonly Location[]): CredentialPlaces {
  const names = (type: Location['type']) => locations.filter((one) => one.type === type).map(({ name }) => name)
  return { headers: names('Header'), cookies: names('Cookie'), parameters: names('Query') }
}

function jwtOf(provider: Provider, method: Method<'Jwt'>, place: Place, making: Making): JwtProvider {
  const { name, asserts } = provider
  return {
    type: 'Jwt',
    name,
    ...place,
    hash: sha256(canonicalJson([place.object, place.level, provider])),
    asserts,
    method,
    keys: provider.broken ? null : keysOf(method.keySet, making),
    cache: making.sources.purpose === 'Shadow' ? making.sources.state.shadow.tokens : making.sources.state.tokens,
  }
}

function keysOf(name: string, { sources, collected }: Making): KeySource | null {
  const { parsed, outbound, state, purpose } = sources
  const resource = parsed.keySet.get(name)
  if (resource === undefined) return missing('keySet', name, parsed, collected)
  const settings = settingsOf(resource, outbound, parsed)
  if (settings === null) return missing('trust', trustOf(resource) ?? '', parsed, collected)
  const namespace = name.slice(0, name.indexOf('/'))
  if (purpose === 'Shadow' && settings.type === 'Remote')
    return borrowedKeys(() => state.keySets.fetched(namespace, settings))
  try {
    const identity = sha256(canonicalJson([name, { ...settings }]))
    const lease = state.keySets.acquire(identity, settings, namespace)
    collected.leases.push(lease)
    return lease.value
  } catch {
    collected.refused.push({ resource: `keySet/${name}`, field: '', reason: 'BuildFailed' })
    return null
  }
}

const trustOf = ({ spec }: Parsed<'keySet'>): string | null => (spec.type === 'Remote' ? spec.trust : null)

/** @returns null when the authorities that it names are not there */
function settingsOf(
  { spec }: Parsed<'keySet'>,
  outbound: AuthenticatorSources['outbound'],
  parsed: ParsedResources,
): KeySetSettings | null {
  if (spec.type === 'Inline') return spec
  const { type, uri, addresses } = spec
  const trust = spec.trust === null ? null : parsed.trust.get(spec.trust)
  return trust === undefined ? null : { type, uri, addresses, anchors: trust?.spec.anchors ?? null, outbound }
}

function introspectionOf(
  provider: Provider,
  method: Method<'Introspection'>,
  place: Place,
  making: Making,
): IntrospectionProvider {
  const { name, asserts } = provider
  const introspector = provider.broken ? null : introspectorOf(provider, method, place, making)
  return { type: 'Introspection', name, ...place, asserts, method, introspector }
}

function introspectorOf(
  provider: Provider,
  method: Method<'Introspection'>,
  place: Place,
  { sources, collected }: Making,
): Introspector | null {
  const { parsed, outbound, state, purpose } = sources
  const client = parsed.clientCredential.get(method.client)
  if (client === undefined) return missing('clientCredential', method.client, parsed, collected)
  const trust = method.trust === null ? null : parsed.trust.get(method.trust)
  if (trust === undefined) return missing('trust', method.trust ?? '', parsed, collected)
  const settings = { ...method, anchors: trust?.spec.anchors ?? null, outbound, client: client.spec }
  // Everything that decides about a token, so that nothing is remembered from before a change of it.
  const identity = sha256(canonicalJson([place.object, place.level, provider, settings]))
  if (purpose === 'Shadow') return borrowedAnswers(() => state.introspectors.find(identity))
  try {
    const lease = state.introspectors.acquire(identity, settings)
    collected.leases.push(lease)
    return lease.value
  } catch {
    const policy = place.object.slice(0, place.object.lastIndexOf('/'))
    collected.refused.push({ resource: `policy/${policy}`, field: '', reason: 'BuildFailed' })
    return null
  }
}

function apiKeysOf(provider: Provider, { credentials }: Method<'ApiKey'>, place: Place, making: Making) {
  const { parsed } = making.sources
  const resource = parsed.credentials.get(credentials)
  if (resource === undefined) missing('credentials', credentials, parsed, making.collected)
  return apiKeyProvider(provider, place, provider.broken ? null : (resource?.spec.clients ?? null))
}

function mtlsOf(provider: Provider, method: Method<'Mtls'>, place: Place, making: Making): MtlsProvider {
  const { parsed } = making.sources
  const trust = method.trust === null ? null : parsed.trust.get(method.trust)
  if (trust === undefined) missing('trust', method.trust ?? '', parsed, making.collected)
  const broken = { name: provider.name, broken: provider.broken || trust === undefined }
  try {
    return mtlsProvider(broken, method, place, trust?.spec.anchors ?? null)
  } catch {
    making.collected.refused.push({ resource: `trust/${method.trust ?? ''}`, field: '/anchors', reason: 'BuildFailed' })
    return mtlsProvider({ ...broken, broken: true }, method, place, null)
  }
}

/** Reports what is not there; what could not be read is reported already. */
function missing(
  kind: 'keySet' | 'credentials' | 'clientCredential' | 'trust',
  name: string,
  { unreadable }: ParsedResources,
  { refused }: Yield,
): null {
  if (!unreadable[kind].has(name)) refused.push({ resource: `${kind}/${name}`, field: '', reason: 'MissingReference' })
  return null
}
