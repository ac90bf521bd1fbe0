import type { CredentialPlaces } from '../policy/authentication.ts'
import { withoutCookies } from '../policy/cookieString.ts'
import { withoutParameters } from '../policy/queryString.ts'
import type { RequestFacts } from './facts.ts'

/**
 * A request as everything after authentication sees it (M10): its rule's credentials are gone from headers, cookies and
 * query, all else is as it was. `rawHeaders` keeps the credential headers, of which the forwarder drops every spelling.
 */
export function withoutCredentials(facts: RequestFacts, places: CredentialPlaces): RequestFacts {
  const bare = withoutCookie(withoutHeaders(facts, places.headers), places.cookies)
  if (places.parameters.length === 0) return bare
  const query = withoutParameters(bare.query, places.parameters)
  return query === bare.query ? bare : { ...bare, query }
}

function withoutHeaders(facts: RequestFacts, names: readonly string[]): RequestFacts {
  if (!names.some((name) => facts.headers.has(name))) return facts
  const headers = new Map(facts.headers)
  for (const name of names) headers.delete(name)
  return { ...facts, headers }
}

/** Nobody gets here with two Cookie headers: where cookies are credentials they are ambiguous. */
function withoutCookie(facts: RequestFacts, names: readonly string[]): RequestFacts {
  const cookie = names.length === 0 ? undefined : facts.headers.get('cookie')?.[0]
  if (cookie === undefined) return facts
  const kept = withoutCookies(cookie, names)
  if (kept === cookie) return facts
  const headers = new Map(facts.headers)
  if (kept === null) headers.delete('cookie')
  else headers.set('cookie', [kept])
  return { ...facts, headers, rawHeaders: withCookie(facts.rawHeaders, kept) }
}

/** @param cookie - null takes the header away */
function withCookie(rawHeaders: readonly string[], cookie: string | null): readonly string[] {
  const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'cookie')
  return rawHeaders.toSpliced(at, 2, ...(cookie === null ? [] : [rawHeaders[at]!, cookie]))
}
