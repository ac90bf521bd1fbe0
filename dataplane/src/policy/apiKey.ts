import { timingSafeEqual } from 'node:crypto'
import type { Provider, ResourceSpec } from '@gatehouse/contract'
import { asserted, noAttributes, principalId } from './attributes.ts'
import type { Presented } from './credential.ts'
import type { Principal } from './principal.ts'
import { forged, invalid, type Verdict } from './verdict.ts'

type Client = ResourceSpec<'credentials'>['clients'][number]

interface KnownKey extends Pick<Client['keys'][number], 'notBefore' | 'expiresAt'> {
  readonly digest: Buffer
  readonly principal: Principal
}

/** A provider that knows API keys by their hashes, made ready. */
export interface ApiKeyProvider {
  readonly type: 'ApiKey'
  readonly name: string
  readonly level: number
  /** By lower-case hex SHA-256; null when the provider is broken: what it claims is refused (M7). */
  readonly keys: ReadonlyMap<string, KnownKey> | null
}

const prefix = 'sha256:'

/** @param place - the provider's object (`namespace/policy/provider`) and the level at which it applies */
export function apiKeyProvider(
  provider: Pick<Provider, 'name' | 'asserts'>,
  place: { readonly object: string; readonly level: number },
  clients: readonly Client[] | null,
): ApiKeyProvider {
  const { name, asserts } = provider
  const { object, level } = place
  const knownKeys = (client: Client): [string, KnownKey][] => {
    const { id, roles, scopes, tenant, plan } = client
    const caller: Omit<Principal, 'expiresAt'> = {
      id: principalId(object, '', id),
      provider: name,
      providerObject: object,
      level,
      issuer: '',
      subject: id,
      ...asserted(asserts, { ...noAttributes, roles, scopes, tenant, plan }),
      claims: {},
      token: null,
      clientId: id,
    }
    return client.keys.map(({ keyHash, notBefore, expiresAt }) => {
      const hex = keyHash.slice(prefix.length)
      const principal = { ...caller, expiresAt }
      return [hex, { digest: Buffer.from(hex, 'hex'), notBefore, expiresAt, principal }]
    })
  }
  return { type: 'ApiKey', name, level, keys: clients === null ? null : new Map(clients.flatMap(knownKeys)) }
}

/**
 * Looks a key up by its hash, so that neither the search nor the comparison takes a time that depends on the key.
 *
 * @param now - milliseconds since the epoch
 */
export function verifyApiKey(
  keys: NonNullable<ApiKeyProvider['keys']>,
  { text, digest }: Presented,
  now: number,
): Verdict {
  const known = keys.get(digest)
  if (text === '' || known === undefined || !timingSafeEqual(known.digest, Buffer.from(digest, 'hex'))) return forged
  const { notBefore, expiresAt } = known
  if ((notBefore !== null && now < notBefore) || (expiresAt !== null && now >= expiresAt)) return invalid
  return { type: 'valid', principal: known.principal }
}
