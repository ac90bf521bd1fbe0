import type { Revocation } from '@gatehouse/contract'
import { clientIdsOf, providerNamed } from './callerNames.ts'
import { own } from './claims.ts'
import type { Principal } from './principal.ts'

/** Until when credentials count as revoked that were issued before; milliseconds since the epoch, Infinity = all. */
type Limits = Map<string, number>

type Compared = Exclude<Revocation['what'], 'All'>

/** What of one provider or issuer is revoked. */
interface Revoked {
  readonly by: { readonly [W in Compared]: Limits }
  all: number
}

/** A list of revocations, ready to be asked. */
export interface Revocations {
  /** By the object of a provider, `namespace/policy/provider`. */
  readonly providers: ReadonlyMap<string, Revoked>
  readonly issuers: ReadonlyMap<string, Revoked>
}

/** @param policy - the one that names the list, `namespace/name`: whose providers its entries speak of */
export function readyRevocations(entries: readonly Revocation[], policy: string): Revocations {
  const providers = new Map<string, Revoked>()
  const issuers = new Map<string, Revoked>()
  for (const entry of entries) {
    const [map, key] = entry.of === 'Issuer' ? [issuers, entry.name] : [providers, providerNamed(entry.name, policy)]
    const revoked = map.get(key) ?? nothing()
    map.set(key, revoked)
    add(revoked, entry)
  }
  return { providers, issuers }
}

const nothing = (): Revoked => ({
  by: { TokenId: new Map(), Subject: new Map(), ClientId: new Map(), KeyId: new Map() },
  all: -Infinity,
})

function add(revoked: Revoked, { what, value, issuedBefore }: Revocation): void {
  const limit = issuedBefore ?? Infinity
  if (what === 'All') revoked.all = Math.max(revoked.all, limit)
  else revoked.by[what].set(value, Math.max(revoked.by[what].get(value) ?? -Infinity, limit))
}

/** Whether a verified caller's credential counts no more. It costs the same for one entry and for ten thousand. */
export function isRevoked({ providers, issuers }: Revocations, principal: Principal): boolean {
  return (
    concerns(providers.get(principal.providerObject), principal) || concerns(issuers.get(principal.issuer), principal)
  )
}

function concerns(revoked: Revoked | undefined, principal: Principal): boolean {
  if (revoked === undefined) return false
  const { subject, token, claims } = principal
  const { TokenId, Subject, ClientId, KeyId } = revoked.by
  const limit = Math.max(
    revoked.all,
    limitOf(Subject, subject),
    limitOf(TokenId, own(claims, 'jti')),
    ...clientIdsOf(principal).map((id) => limitOf(ClientId, id)),
    limitOf(KeyId, token?.keyId),
  )
  return limit > -Infinity && issuedAt(principal) < limit
}

const limitOf = (limits: Limits, value: unknown): number =>
  typeof value === 'string' ? (limits.get(value) ?? -Infinity) : -Infinity

/** A credential that does not say when it was issued was issued before any time. */
function issuedAt({ claims }: Principal): number {
  const seconds = own(claims, 'iat')
  return typeof seconds === 'number' ? seconds * 1000 : -Number.MAX_VALUE
}
