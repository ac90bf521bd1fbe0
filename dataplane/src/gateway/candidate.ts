import type { RuleMatch } from '@gatehouse/contract'
import { regexOf, type Regex } from '@gatehouse/language/regex'
import { templateOf, type PathTemplate } from '@gatehouse/language/template'
import { decodedOnce, methodMatches, otherReadings } from '../policy/paths.ts'

/** What a match leads to. */
export interface Destination {
  readonly namespace: string
}

/** Where a match stands among others that fit as well: the older route, then its name, then the order within it. */
export interface Seniority {
  /** Milliseconds since the epoch. */
  readonly created: number
  /** `namespace/name`. */
  readonly route: string
  /** Of rule and match within the route. */
  readonly order: number
}

/** One match of one rule. */
export interface Candidate<D extends Destination> {
  readonly match: RuleMatch
  readonly seniority: Seniority
  readonly destination: D
  /** True when its author wrote escapes or parameters into the path, and so means exactly them. */
  readonly literal: boolean
  /** True of what stands only for another way to write the path of a literal one: who meets it is not served. */
  readonly echo: boolean
  /** Of a match by template. */
  readonly template: PathTemplate | null
  /** Of a match by regular expression; null also when it is none. */
  readonly regex: Regex | null
  /** True when its path cannot be understood: nobody knows what it was to answer (M7). */
  readonly broken: boolean
}

export function candidate<D extends Destination>(match: RuleMatch, seniority: Seniority, destination: D): Candidate<D> {
  const { type, value } = match.path
  const template = type === 'Template' ? templateOf(value) : null
  const regex = type === 'RegularExpression' ? regexOf(value) : null
  const literal = type !== 'RegularExpression' && otherReadings(value).length > 0
  const broken = template === null ? type === 'RegularExpression' && regex === null : !template.sound
  return { match, seniority, destination, literal, echo: false, template, regex, broken }
}

/** The same match by the path that a backend may take for its own, which must not lead to a rule that asks for less. */
export function echoOf<D extends Destination>(one: Candidate<D>): readonly Candidate<D>[] {
  const { type, value } = one.match.path
  const decoded = one.literal ? decodedOnce(value) : value
  if (decoded === value) return []
  const match = { ...one.match, path: { type, value: decoded } }
  return [{ ...candidate(match, one.seniority, one.destination), echo: true }]
}

/** What of a request a match looks at beside its path. */
export interface Asked {
  readonly method: string
  readonly headers: ReadonlyMap<string, readonly string[]>
}

/** Among matches of one path: those that were written so, methods listed, more headers, the older route, its name, the order written. */
export function byPrecedence<D extends Destination>(a: Candidate<D>, b: Candidate<D>): number {
  return (
    Number(a.echo) - Number(b.echo) ||
    Number(a.match.methods === null) - Number(b.match.methods === null) ||
    b.match.headers.length - a.match.headers.length ||
    a.seniority.created - b.seniority.created ||
    (a.seniority.route < b.seniority.route ? -1 : a.seniority.route > b.seniority.route ? 1 : 0) ||
    a.seniority.order - b.seniority.order
  )
}

/** What is asked, and who may answer; null = all. */
export interface Search {
  readonly asked: Asked
  readonly namespaces: ReadonlySet<string> | null
}

export function firstThatFits<D extends Destination>(
  candidates: readonly Candidate<D>[],
  asked: Asked,
  namespaces: ReadonlySet<string> | null,
): Candidate<D> | null {
  for (const one of candidates) if (fits(one, asked, namespaces)) return one
  return null
}

/** Whether a match fits by all but its path. */
export const fits = <D extends Destination>(
  { match, destination }: Candidate<D>,
  { method, headers }: Asked,
  namespaces: ReadonlySet<string> | null,
): boolean =>
  (namespaces === null || namespaces.has(destination.namespace)) &&
  methodMatches(match.methods, method) &&
  headersMatch(match, headers)

/** Repeated lines are one value, as RFC 9110 5.2 joins them, so that no reader sees a value that was not compared. */
function headersMatch({ headers: wanted }: RuleMatch, headers: Asked['headers']): boolean {
  for (const { name, value } of wanted) {
    const values = headers.get(name)
    if (values === undefined || (values.length === 1 ? values[0] : values.join(', ')) !== value) return false
  }
  return true
}
