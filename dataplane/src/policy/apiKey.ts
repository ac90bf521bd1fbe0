import { timingSafeEqual } from 'node:crypto'
import type { Provider, ResourceSpec } from '@gatehouse/contract'
import { asserted, noAttributes, principalId } from './attributes.ts'
import type { Presented } from './credential.ts'
import type { Principal } from './principal.ts'
import { invalid, type Verdict } from './verdict.ts'

type Client = ResourceSpec<'credentials'>['clients'][number]

interface KnownKey {
  readonly digest: Buffer
  readonly client: Client
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
  const keys = clients?.map((client): [string, KnownKey] => {
    const hex = client.keyHash.slice(prefix.length)
    const principal: Principal = {
      id: principalId(object, '', client.id),
      provider: name,
      providerObject: object,
      level,
      issuer: '',
      subject: client.id,
      ...asserted(asserts, { ...noAttributes, roles: client.roles, scopes: client.scopes, tenant: client.tenant }),
      claims: {},
      token: null,
      clientId: client.id,
      expiresAt: client.expiresAt,
    }
    return [hex, { digest: Buffer.from(hex, 'hex'), client, principal }]
  })
  return { type: 'ApiKey', name, level, keys: keys === undefined ? null : new Map(keys) }
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
  if (text === '' || known === undefined || !timingSafeEqual(known.digest, Buffer.from(digest, 'hex'))) return invalid
  const { notBefore, expiresAt } = known.client
  if ((notBefore !== null && now < notBefore) || (expiresAt !== null && now >= expiresAt)) return invalid
  return { type: 'valid', principal: known.principal }
}
