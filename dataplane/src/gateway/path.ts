/** Below it the gateway's own resources lie; no route can claim them (M15). */
export const reservedPath = '/.well-known/gatehouse'

/** @param path - canonical */
export const isReserved = (path: string): boolean =>
  path.startsWith(reservedPath) && (path.length === reservedPath.length || path[reservedPath.length] === '/')

/** Paths whose every character is unreserved and that have no dot segment and no empty one but the last. */
const plain = /^(?:\/[\w~-]+(?:\.[\w~-]+)*)*\/?$/

/** RFC 3986 3.3: an absolute path of pchar. A raw backslash, NUL, `#` or byte beyond ASCII is not among them. */
const legal = /^(?:\/(?:[\w~!$&'()*+,;=:@.-]|%[0-9A-Fa-f]{2})*)+$/

/** Slash, backslash and NUL, and the overlong UTF-8 forms (RFC 3629 10) in which lenient decoders see ASCII. */
const forbidden = /%(?:2F|5C|00|C0|C1|E0%[89]|F0%8)/

const escape = /%[0-9A-Fa-f]{2}/g
const unreserved = /[\w~.-]/

/**
 * The one canonical form of a request's path (M8). The only repair is that of RFC 3986 6.2.2.1 and 6.2.2.2: upper-case
 * hex, and unreserved characters decoded, once. Whatever two parsers could read differently is refused: dot segments in
 * any encoding and before path parameters (`/..;/`), empty segments but the last, escaped delimiters, bad escapes.
 *
 * @returns null when there is none
 */
export function canonicalPath(raw: string): string | null {
  if (plain.test(raw)) return raw === '' ? null : raw
  if (!legal.test(raw)) return null
  const path = raw.includes('%') ? raw.replace(escape, canonicalEscape) : raw
  if (forbidden.test(path)) return null
  const segments = path.split('/')
  for (let index = 1; index < segments.length; index++) {
    const segment = segments[index]!
    const name = segment.split(/;|%3B/, 1)[0]!
    if (name === '.' || name === '..') return null
    if (name === '' && (segment !== '' || index !== segments.length - 1)) return null
  }
  return path
}

function canonicalEscape(triplet: string): string {
  const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16))
  return unreserved.test(character) ? character : triplet.toUpperCase()
}

/** A query is passed on byte for byte; RFC 3986 3.4 allows visible ASCII but `#`. */
const query = /^[!-"$-~]*$/

/** A request-target in two parts. */
export interface Target {
  readonly path: string
  /** With its `?`; empty = none. */
  readonly query: string
}

/** Splits and canonicalises an origin-form target (RFC 9112 3.2.1); null when its form is not sound. */
export function parseTarget(target: string): Target | null {
  const mark = target.indexOf('?')
  const path = canonicalPath(mark === -1 ? target : target.slice(0, mark))
  if (path === null) return null
  if (mark === -1) return { path, query: '' }
  const rest = target.slice(mark)
  return query.test(rest) ? { path, query: rest } : null
}
