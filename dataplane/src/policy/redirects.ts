import type { Validation } from '@gatehouse/contract'

type Destinations = NonNullable<Validation['redirectParams']>['allow']

/** The one canonical form of a path; null when it has none. */
export type Canonical = (path: string) => string | null

/** What a URL may be written with (RFC 3986 2), without the backslash, which browsers take for a slash. */
const visible = /^[!-[\]-~]+$/

/**
 * Whether a browser that is sent there stays: on a path of the origin that it is on, or below an allowed one. The origin is
 * compared as text, so that no two parsers can see different hosts in it, and once more as WHATWG URL reads it.
 *
 * @param value - decoded once
 */
export function leadsHome(value: string, allowed: Destinations, canonical: Canonical): boolean {
  if (!visible.test(value)) return false
  if (value.startsWith('/')) return !value.startsWith('//') && canonical(pathOf(value)) !== null
  return allowed.some(({ origin, pathPrefix }) => {
    const rest = value.slice(origin.length)
    if (!value.startsWith(origin) || !/^(?:$|[/?#])/.test(rest)) return false
    const path = canonical(pathOf(rest) || '/')
    return path !== null && isBelow(path, pathPrefix) && originOf(value) === origin
  })
}

const pathOf = (target: string): string => target.split(/[?#]/, 1)[0]!

function isBelow(path: string, prefix: string): boolean {
  const whole = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix
  return path.startsWith(whole) && (path.length === whole.length || path[whole.length] === '/')
}

function originOf(value: string): string | null {
  const url = URL.canParse(value) ? new URL(value) : null
  return url === null || url.username !== '' || url.password !== '' ? null : url.origin
}
