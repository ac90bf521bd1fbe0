import { compactVerify } from 'jose'
import type { VerificationKey } from '../state/verificationKeys.ts'
import { jsonObject, own } from './claims.ts'
import type { Presented } from './credential.ts'
import { utf8Text, type UnverifiedJws } from './jws.ts'
import { principalOf } from './jwtClaims.ts'
import type { JwtProvider } from './jwtProvider.ts'
import { forged, invalid, type Verdict } from './verdict.ts'

/** Most keys that one token is tried with; only a token without `kid`, or a set with twins, needs more than one. */
const maxTries = 4

/** A provider whose keys can be asked. */
type Ready = JwtProvider & { readonly keys: NonNullable<JwtProvider['keys']> }

/**
 * A verdict that the cache still holds: signature and claims were good, the token has not expired, and the key that
 * signed it is still in the set. Never waits.
 */
export function remembered(provider: JwtProvider, { digest }: Presented, now: number): Verdict | null {
  if (provider.keys === null) return null
  const entry = provider.cache.get(provider.hash, digest, now)
  return entry !== null && provider.keys.has(entry.keyId) ? entry.verdict : null
}

/** What the header of a token asks to be verified with. */
interface Wanted {
  readonly algorithm: string
  readonly kid: string | null
}

/**
 * Verifies a token that a provider claims. The key decides about the algorithm, and nothing in the token about the key
 * but its name: `jwk`, `jku`, `x5u` and `x5c` are not looked at (RFC 8725 3.1, 3.10).
 *
 * @param now - milliseconds since the epoch
 */
export async function verifyToken(
  provider: Ready,
  token: Presented,
  jws: UnverifiedJws,
  now: () => number,
): Promise<Verdict> {
  const wanted = wantedOf(provider, jws.header)
  if (wanted === null) return invalid
  const { keys } = provider
  let found = keys.find(wanted.kid, wanted.algorithm)
  if (found.length === 0) {
    await keys.renew()
    found = keys.find(wanted.kid, wanted.algorithm)
  }
  if (found.length === 0) {
    const retryAfter = keys.unavailableFor()
    return retryAfter === null ? invalid : { type: 'unavailable', retryAfter }
  }
  return await tryKeys(provider, token, { algorithm: wanted.algorithm, keys: found.slice(0, maxTries) }, now)
}

function wantedOf({ method }: JwtProvider, header: UnverifiedJws['header']): Wanted | null {
  const algorithm = own(header, 'alg')
  const kid = own(header, 'kid')
  if (typeof algorithm !== 'string' || !method.algorithms.includes(algorithm)) return null
  if (kid !== undefined && typeof kid !== 'string') return null
  // No extension is understood, so none may be critical (RFC 7515 4.1.11).
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) return null
  if (method.requiredTyp !== null && !isType(own(header, 'typ'), method.requiredTyp)) return null
  return { algorithm, kid: kid ?? null }
}

/** RFC 7515 4.1.9: without case, and `application/` may be left out. */
function isType(typ: unknown, required: string): boolean {
  return typeof typ === 'string' && mediaType(typ) === mediaType(required)
}

const mediaType = (typ: string): string => {
  const lower = typ.toLowerCase()
  return lower.includes('/') ? lower : `application/${lower}`
}

async function tryKeys(
  provider: JwtProvider,
  token: Presented,
  { algorithm, keys }: { readonly algorithm: string; readonly keys: readonly VerificationKey[] },
  now: () => number,
): Promise<Verdict> {
  for (const { id, kid, key } of keys) {
    const payload = await verifiedPayload(token.text, key, algorithm)
    if (payload === null) continue
    const claims = jsonObject(utf8Text(payload) ?? '')
    const principal = claims === null ? null : principalOf(provider, claims, now(), kid)
    if (principal === null) return invalid
    const verdict: Verdict = { type: 'valid', principal }
    provider.cache.set(provider.hash, token.digest, { verdict, keyId: id, expiresAt: principal.expiresAt ?? 0 })
    return verdict
  }
  return forged
}

async function verifiedPayload(
  token: string,
  key: VerificationKey['key'],
  algorithm: string,
): Promise<Uint8Array | null> {
  try {
    return (await compactVerify(token, key, { algorithms: [algorithm] })).payload
  } catch {
    return null
  }
}
