import type { Resource } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import { clientCredentialOf } from './clientSecrets.ts'
import { mayBeSentTo } from './destinations.ts'
import { milliseconds, timerOf } from './durations.ts'
import { note, type Note } from './findings.ts'
import {
  claimMapOf,
  locations,
  type Made,
  type Place,
  type ProviderSources,
  type ProviderSpec,
} from './providerParts.ts'
import { unresolvedNote } from './references.ts'
import { sealOnce, type Sealed } from './seal.ts'

type Introspection = NonNullable<ProviderSpec['introspection']>

/** The client of a Secret as a resource: providers on one shelf that name the same Secret share it. */
function sealedClient(secret: WorldObject, shelf: string): Sealed | null {
  const spec = clientCredentialOf(secret)
  if (spec === null) return null
  const { name } = secret.meta
  const resource: Resource = { kind: 'clientCredential', name: `${shelf}/introspection-clients/${name}`, spec }
  return sealOnce(secret, resource)
}

/** The client, or what is wrong: its value goes only where its Secret says (M12). */
function clientOf(
  { url, clientSecretRef }: Introspection,
  place: Place,
  { references, shelf }: ProviderSources,
): Sealed | Note {
  const at = `${place.at}/introspection/clientSecretRef`
  const found = references.introspectionClient(place.policy.meta.namespace, clientSecretRef.name)
  if (!found.ok) return unresolvedNote(found, at)
  if (!mayBeSentTo(found.value, url)) return note('ResolvedRefs', 'DestinationNotAllowed', at)
  const sealed = sealedClient(found.value, shelf)
  if (sealed === null) return note('ResolvedRefs', 'InvalidClientSecret', at)
  const fits = place.purse.payOnce(sealed.key, sealed.bytes)
  return fits ? sealed : note('ResolvedRefs', 'BudgetExceeded', at)
}

const isNote = (one: object): one is Note => 'reason' in one

export function introspectionProvider(introspection: Introspection, place: Place, sources: ProviderSources): Made {
  const { url, issuer, audiences, from, map, cacheTTL, negativeTTL, timeout, maxInFlight } = introspection
  const fetch = sources.outbound(place.policy.meta.namespace, url)
  const client = clientOf(introspection, place, sources)
  const registered = { issuer, keys: { type: 'Introspection' as const, url } }
  const registrar = sources.issuers.registeredElsewhere(registered)
  const at = `${place.at}/introspection/issuer (${registrar} registers it)`
  const notes = [
    ...(registrar === null ? [] : [note('PartiallyInvalid', 'IssuerRegistered', at)]),
    ...(fetch ? [] : [note('ResolvedRefs', 'OutboundNotAllowed', `${place.at}/introspection/url`)]),
    ...(isNote(client) ? [client] : []),
  ]
  return {
    method: {
      type: 'Introspection',
      url,
      addresses: fetch?.addresses ?? 'Public',
      trust: fetch?.trust ?? null,
      client: isNote(client) ? place.name : client.resource.name,
      issuer,
      audiences,
      from: locations(from),
      map: claimMapOf(map),
      cacheTTL: milliseconds(cacheTTL),
      negativeTTL: milliseconds(negativeTTL),
      timeout: timerOf(timeout),
      maxInFlight,
    },
    // What must not be fetched is given no secret to fetch it with.
    resources: notes.length === 0 && !isNote(client) ? [client] : [],
    notes,
    broken: notes.length > 0,
    anchors: null,
    issuer: registered,
  }
}
