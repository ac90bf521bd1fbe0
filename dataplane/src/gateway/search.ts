import { headerReadings, type HeaderReadings } from '../policy/headerReadings.ts'
import { parameterReadings, type ParameterReadings } from '../policy/parameterReadings.ts'

/** What of a request a match looks at beside its path. */
export interface Asked {
  readonly method: string
  readonly headers: ReadonlyMap<string, readonly string[]>
  /** With the leading `?`; empty = none. */
  readonly query: string
}

/** Whose matches count that nobody understands (M7). */
type Broken = 'nobody' | 'everybody' | { readonly namespace: string }

/** The search for the match of one request: what is asked, who may answer, and what it has found out so far. */
export interface Search {
  readonly asked: Asked
  /** null = all. */
  readonly namespaces: ReadonlySet<string> | null
  broken: Broken
  /** Instructions times characters that expressions may still cost; below 0 = what is found no longer counts. */
  work: number
  /** What others may read of headers, by name; null = no header was looked at yet. */
  headers: HeaderReadings | null
  /** `unread` until a match looks at one; null = nobody can tell what all readers see. */
  parameters: ParameterReadings | null | 'unread'
}

/** Most instructions times characters that all expressions of a host may cost one request, about 15 ms at the worst (M14). */
const maxWork = 250_000

export const searchFor = (asked: Asked, namespaces: ReadonlySet<string> | null): Search => ({
  asked,
  namespaces,
  broken: 'nobody',
  work: maxWork,
  headers: null,
  parameters: 'unread',
})

/** Pays for an expression; false when it is too dear, and so is everything after it. */
export function affords(search: Search, size: number, text: string): boolean {
  if (search.work >= 0) search.work -= size * (text.length + 1)
  return search.work >= 0
}

export const headersIn = (search: Search): HeaderReadings => (search.headers ??= headerReadings(search.asked.headers))

export function parametersIn(search: Search): ParameterReadings | null {
  if (search.parameters === 'unread') search.parameters = parameterReadings(search.asked.query)
  return search.parameters
}
