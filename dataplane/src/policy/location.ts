import type { CredentialLocation } from '@gatehouse/contract'
import type { RequestFacts } from '../gateway/facts.ts'
import type { ApiKeyProvider } from './apiKey.ts'
import { findCookie } from './cookieString.ts'
import type { IntrospectionProvider } from './introspection.ts'
import type { JwtProvider } from './jwtProvider.ts'
import { findParameter } from './queryString.ts'

/** What one place may hold behind one prefix. */
export interface Slot {
  /** Lower case; empty but in headers. */
  readonly prefix: string
  readonly jwt: readonly JwtProvider[]
  readonly apiKey: readonly ApiKeyProvider[]
  readonly introspection: readonly IntrospectionProvider[]
}

/** A place in which credentials are looked for. */
export type Location = { readonly slots: readonly Slot[] } & (
  | {
      readonly type: 'Header'
      /** Lower case. */
      readonly name: string
    }
  | {
      readonly type: 'Cookie'
      readonly name: string
      /** From which origins each provider takes it with any method, beside the request's own. */
      readonly allowedOrigins: ReadonlyMap<Method, readonly string[]>
    }
  | { readonly type: 'Query'; readonly name: string }
)

type Method = JwtProvider | ApiKeyProvider | IntrospectionProvider

/** A provider and where its credentials are. */
export interface Placed {
  readonly provider: Method
  readonly from: readonly CredentialLocation[]
}

/** A place in the making. */
interface Gathered {
  readonly type: Location['type']
  readonly name: string
  /** By prefix. */
  readonly slots: Map<string, Set<Method>>
  readonly allowedOrigins: Map<Method, readonly string[]>
}

/** Sorts providers by place and prefix. */
export function locationsOf(placed: readonly Placed[]): Location[] {
  const places = new Map<string, Gathered>()
  for (const { provider, from } of placed) {
    for (const where of from) {
      const [type, name] = placeOf(where)
      const key = `${type} ${name}`
      const place = places.get(key) ?? { type, name, slots: new Map(), allowedOrigins: new Map() }
      places.set(key, place)
      const prefix = 'header' in where ? where.prefix.toLowerCase() : ''
      place.slots.set(prefix, (place.slots.get(prefix) ?? new Set()).add(provider))
      if ('cookie' in where) place.allowedOrigins.set(provider, where.allowedOrigins)
    }
  }
  return [...places.values()].map(({ type, name, slots, allowedOrigins }) => ({
    ...{ type, name, allowedOrigins },
    slots: [...slots].map(slotOf),
  }))
}

function placeOf(where: CredentialLocation): [Location['type'], string] {
  if ('header' in where) return ['Header', where.header]
  return 'cookie' in where ? ['Cookie', where.cookie] : ['Query', where.query]
}

const slotOf = ([prefix, providers]: readonly [string, ReadonlySet<Method>]): Slot => ({
  prefix,
  jwt: [...providers].filter((provider) => provider.type === 'Jwt'),
  apiKey: [...providers].filter((provider) => provider.type === 'ApiKey'),
  introspection: [...providers].filter((provider) => provider.type === 'Introspection'),
})

/**
 * What a request holds at a place: null = nothing; `ambiguous` when it is there twice, and so is a second Cookie header,
 * which no client may send (RFC 6265 5.4); `unclaimed` when it is there in a form that two readers could take for two texts.
 */
export function textAt(
  location: Location,
  { headers, query }: Pick<RequestFacts, 'headers' | 'query'>,
): { readonly text: string } | 'ambiguous' | 'unclaimed' | null {
  const { type, name } = location
  if (type === 'Header') {
    const values = headers.get(name)
    if (values === undefined) return null
    return values.length > 1 ? 'ambiguous' : { text: values[0]! }
  }
  if (type === 'Query') return asClaiming(findParameter(query, name))
  const values = headers.get('cookie')
  if (values === undefined) return null
  return values.length > 1 ? 'ambiguous' : asClaiming(findCookie(values[0]!, name))
}

const asClaiming = (found: ReturnType<typeof findCookie>) =>
  found === 'twice' ? 'ambiguous' : found === 'malformed' ? 'unclaimed' : found
