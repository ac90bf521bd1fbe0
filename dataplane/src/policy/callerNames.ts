import { own } from './claims.ts'
import type { Principal } from './principal.ts'

/**
 * The ids of the clients by which a caller comes: of the client of an API key, that of RFC 9068 2.2, and what OpenID Connect
 * calls the client that a token was issued to. What is no string is no id.
 */
export const clientIdsOf = ({ clientId, claims }: Principal): readonly unknown[] => [
  clientId,
  own(claims, 'client_id'),
  own(claims, 'azp'),
]

/** The object of a provider that an entry of a list names: one of the policy that names the list, unless it says more. */
export const providerNamed = (name: string, policy: string): string => (name.includes('/') ? name : `${policy}/${name}`)
