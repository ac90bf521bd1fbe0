import { verifyApiKey } from './apiKey.ts'
import { withoutCredential, type Authentication, type Authenticator } from './authentication.ts'
import { claim, type Claim, type Credentials } from './claiming.ts'
import { certificatePrincipal } from './mtls.ts'
import type { Principal } from './principal.ts'
import type { Verdict } from './verdict.ts'

/**
 * Who calls, as far as that can be told without verifying a signature or asking a server: by a credential that was found
 * good before, by an API key or a certificate that is good, or by none at all. `unknown` = it cannot be told.
 *
 * @param now - milliseconds since the epoch
 */
export function recognised(
  authenticator: Authenticator,
  request: Credentials,
  now: number,
): Authentication | 'unknown' {
  const claiming = claim(authenticator, request, now)
  if (claiming === 'none') return withoutCredential(authenticator)
  if (typeof claiming === 'string' || claiming.type === 'CrossSite') return 'unknown'
  return knownCaller(claiming, now) ?? 'unknown'
}

function knownCaller(claimed: Claim, now: number): Principal | null {
  switch (claimed.type) {
    case 'Remembered':
      return principalOf(claimed.verdict)
    case 'Mtls':
      return claimed.provider.broken ? null : certificatePrincipal(claimed.provider, claimed.subject, claimed.notAfter)
    case 'ApiKey':
      return claimed.provider.keys && principalOf(verifyApiKey(claimed.provider.keys, claimed.key, now))
    case 'Introspection':
      return principalOf(claimed.provider.introspector?.recall(claimed.token.digest) ?? null)
    case 'Jwt':
      return null
  }
}

const principalOf = (verdict: Verdict | null): Principal | null =>
  verdict?.type === 'valid' ? verdict.principal : null
