import type { Cors } from '@gatehouse/contract'
import { methodMatches } from './paths.ts'

/** Origins of one level, ready to be asked. */
interface OriginSet {
  readonly any: boolean
  readonly exact: ReadonlySet<string>
  readonly wild: readonly WildOrigin[]
}

/** `https://*.shop.example:8443`: what stands before and after the labels that `*` is for. */
interface WildOrigin {
  readonly before: string
  readonly after: string
}

/** The cors of one rule. */
export interface CorsPlan {
  /** Of all levels that say something; an origin must be in each. */
  readonly origins: readonly OriginSet[]
  /** Of the narrowest level. */
  readonly rules: Cors
  /** Name, value, name, value …: what an allowed origin is told of every answer, beside its own name. */
  readonly told: readonly string[]
}

type Headers = ReadonlyMap<string, readonly string[]>

/** @param levels - the narrowest first; null = no level says anything */
export function corsPlan(levels: readonly Cors[]): CorsPlan | null {
  const rules = levels[0]
  if (rules === undefined) return null
  const { allowCredentials, exposeHeaders } = rules
  return {
    origins: levels.map(({ allowOrigins }) => originSet(allowOrigins)),
    rules,
    told: [
      ...(allowCredentials ? ['access-control-allow-credentials', 'true'] : []),
      ...(exposeHeaders.length > 0 ? ['access-control-expose-headers', exposeHeaders.join(', ')] : []),
    ],
  }
}

function originSet(origins: readonly string[]): OriginSet {
  const wild = origins.filter((origin) => origin.includes('*') && origin !== '*')
  return {
    any: origins.includes('*'),
    exact: new Set(origins.filter((origin) => !origin.includes('*'))),
    wild: wild.map((origin) => ({
      before: origin.slice(0, origin.indexOf('*')),
      after: origin.slice(origin.indexOf('*') + 1),
    })),
  }
}

/** Whole labels, none of them empty. */
const labels = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/

const isWithin = ({ any, exact, wild }: OriginSet, origin: string): boolean =>
  any ||
  exact.has(origin) ||
  wild.some(
    ({ before, after }) =>
      origin.length > before.length + after.length &&
      origin.startsWith(before) &&
      origin.endsWith(after) &&
      labels.test(origin.slice(before.length, origin.length - after.length)),
  )

/**
 * The value of Access-Control-Allow-Origin; null when this request's origin may not read the answer. `null`, which any
 * sandboxed frame can be, is nobody's origin, and neither are two.
 */
function allowedOrigin({ origins, rules }: CorsPlan, headers: Headers): string | null {
  const sent = headers.get('origin')
  const origin = sent?.length === 1 ? sent[0]! : 'null'
  if (origin === 'null' || !origins.every((set) => isWithin(set, origin))) return null
  return rules.allowOrigins.includes('*') ? '*' : origin
}

/**
 * What an answer says about who may read it. It depends on the origin also where there is none, so caches are always told.
 *
 * @param out - name, value, name, value …
 */
export function pushCors(out: string[], plan: CorsPlan, headers: Headers): void {
  out.push('vary', 'origin')
  const origin = allowedOrigin(plan, headers)
  if (origin !== null) out.push('access-control-allow-origin', origin, ...plan.told)
}

/** The method that a preflight asks for; null for a request that is none. */
export function preflightMethod({
  method,
  headers,
}: {
  readonly method: string
  readonly headers: Headers
}): string | null {
  if (method !== 'OPTIONS' || !headers.has('origin')) return null
  const asked = headers.get('access-control-request-method')
  return asked?.length === 1 && token.test(asked[0]!) ? asked[0]! : null
}

const token = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/
const maxAskedHeaders = 64

/** @returns null when it is no list of header names, or too long */
function askedHeaders(headers: Headers): string[] | null {
  const sent = headers.get('access-control-request-headers')?.join(',').toLowerCase() ?? ''
  const names = sent.split(',', maxAskedHeaders + 1).flatMap((name) => name.trim() || [])
  return names.length <= maxAskedHeaders && names.every((name) => token.test(name)) ? names : null
}

/**
 * The answer to a preflight, beside what {@link pushCors} says.
 *
 * A page of the internet that asks for leave to reach into a private network does not get it.
 *
 * @param asked - {@link preflightMethod}
 * @returns name, value, name, value …; null when the page may not do what it asks for
 */
export function preflightHeaders(plan: CorsPlan, asked: string, headers: Headers): string[] | null {
  const { allowMethods, allowHeaders, maxAge } = plan.rules
  const names = askedHeaders(headers)
  if (allowedOrigin(plan, headers) === null || !methodMatches(allowMethods, asked)) return null
  if (names === null || (allowHeaders !== null && !names.every((name) => allowHeaders.includes(name)))) return null
  if (headers.has('access-control-request-private-network')) return null
  const listed = allowHeaders ?? names
  return [
    'access-control-allow-methods',
    (allowMethods ?? [asked]).join(', '),
    ...(listed.length > 0 ? ['access-control-allow-headers', listed.join(', ')] : []),
    'access-control-max-age',
    String(Math.floor(maxAge / 1000)),
  ]
}

/** What of a request the answer to a preflight depends on beside its origin. */
export const preflightVary = 'access-control-request-method, access-control-request-headers'
