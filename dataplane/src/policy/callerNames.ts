import { own } from './claims.ts'
import type { Principal } from './principal.ts'

/**
 * Whether a caller comes by a client that a list holds: the client of an API key, RFC 9068 2.2, and what OpenID Connect
 * calls the client that a token was issued to.
 */
export const clientIdsOf = ({ clientId, claims }: Principal): readonly unknown[] => [
  clientId,
  own(claims, 'client_id'),
  own(claims, 'azp'),
]

/** The object of a provider that an entry of a list names: one of the policy that names the list, unless it says more. */
export const providerNamed = (name: string, policy: string): string => (name.includes('/') ? name : `${policy}/${name}`)
