import type { Challenges } from './authentication.ts'
import type { Location } from './location.ts'

const realm = 'realm="gatehouse"'
/** What a quoted string can carry without escapes and a list of words without ambiguity. */
const acrValue = /^[!#-[\]-~]+$/
const token = /^[\w!#$%&'*+.^`|~-]+$/

/**
 * What WWW-Authenticate says (RFC 9110 11.6.1, RFC 6750 3): the schemes that the rule takes, and with a credential that
 * was not good the error code and nothing more.
 */
export function challengesOf(locations: readonly Location[]): Challenges {
  const schemes = new Set(locations.flatMap(schemesOf))
  const all = schemes.size === 0 ? ['ClientCertificate'] : [...schemes]
  return {
    missing: all.map((name) => `${name} ${realm}`).join(', '),
    invalid: all.map((name) => `${name} ${realm}${name === 'Bearer' ? ', error="invalid_token"' : ''}`).join(', '),
  }
}

function schemesOf({ type, name, slots }: Location): string[] {
  if (type === 'Header') return slots.map(({ prefix }) => scheme(name, prefix))
  return slots.flatMap(({ jwt, apiKey }) => [
    ...(jwt.length > 0 ? ['Bearer'] : []),
    ...(apiKey.length > 0 ? ['ApiKey'] : []),
  ])
}

/**
 * What asks a caller to authenticate better (RFC 9470 3).
 *
 * @param acrValues - what its identity provider calls the ways that will do; empty = it is not said
 */
export function stepUpChallenge(acrValues: readonly string[]): string {
  const values = acrValues.filter((value) => acrValue.test(value))
  const wanted = values.length === 0 ? '' : `, acr_values="${values.join(' ')}"`
  return `Bearer ${realm}, error="insufficient_user_authentication"${wanted}`
}

/** A scheme has a name only in Authorization; what other headers take has none that is registered. */
function scheme(header: string, prefix: string): string {
  const name = prefix.trim()
  if (header !== 'authorization' || !token.test(name)) return 'ApiKey'
  return name === 'bearer' ? 'Bearer' : name
}
