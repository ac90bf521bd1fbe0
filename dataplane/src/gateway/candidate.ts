import type { RuleMatch } from '@gatehouse/contract'
import { regexOf, type Regex } from '@gatehouse/language/regex'
import { templateOf, type PathTemplate } from '@gatehouse/language/template'
import { decodedOnce, methodMatches, otherReadings } from '../policy/paths.ts'
import { atOnce, type Steps } from '../slices.ts'
import type { Search } from './search.ts'
import { headerHolds, headerIsPlain, parameterHolds, parameterIsPlain, valueTest, type ValueTest } from './valueTest.ts'

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
  readonly headers: readonly ValueTest[]
  /** Of the query. */
  readonly parameters: readonly ValueTest[]
  /** True when something in it cannot be understood: nobody knows what it was to answer (M7). */
  readonly broken: boolean
}

export const candidate = <D extends Destination>(
  match: RuleMatch,
  seniority: Seniority,
  destination: D,
): Candidate<D> => atOnce(candidateSteps(match, seniority, destination))

/** Makes a match ready; an expression may take milliseconds. */
export function* candidateSteps<D extends Destination>(
  match: RuleMatch,
  seniority: Seniority,
  destination: D,
): Steps<Candidate<D>> {
  const { type, value } = match.path
  const template = type === 'Template' ? templateOf(value) : null
  const regex = type === 'RegularExpression' ? regexOf(value) : null
  const literal = type !== 'RegularExpression' && otherReadings(value).length > 0
  const headers = yield* valueTests(match.headers)
  const parameters = yield* valueTests(match.queryParams)
  const badPath = template === null ? type === 'RegularExpression' && regex === null : !template.sound
  const broken = badPath || headers.some((one) => one.broken) || parameters.some((one) => one.broken)
  return { match, seniority, destination, literal, echo: false, template, regex, headers, parameters, broken }
}

/** The same match by the path that a backend may take for its own, which must not lead to a rule that asks for less. */
export function echoOf<D extends Destination>(one: Candidate<D>): readonly Candidate<D>[] {
  const { type, value } = one.match.path
  const decoded = one.literal ? decodedOnce(value) : value
  if (decoded === value) return []
  const match = { ...one.match, path: { type, value: decoded } }
  const plain = { ...match, headers: [], queryParams: [] }
  const { literal, template, regex, broken } = candidate(plain, one.seniority, one.destination)
  return [{ ...one, match, literal, template, regex, broken: broken || one.broken, echo: true }]
}

function* valueTests(values: RuleMatch['headers']): Steps<ValueTest[]> {
  const tests: ValueTest[] = []
  for (const value of values) {
    yield
    tests.push(valueTest(value))
  }
  return tests
}

/** Among matches of one path: those that were written so, methods listed, more headers, more parameters, the older route, its name, the order written. */
export function byPrecedence<D extends Destination>(a: Candidate<D>, b: Candidate<D>): number {
  return (
    Number(a.echo) - Number(b.echo) ||
    Number(a.match.methods === null) - Number(b.match.methods === null) ||
    b.match.headers.length - a.match.headers.length ||
    b.match.queryParams.length - a.match.queryParams.length ||
    a.seniority.created - b.seniority.created ||
    (a.seniority.route < b.seniority.route ? -1 : a.seniority.route > b.seniority.route ? 1 : 0) ||
    a.seniority.order - b.seniority.order
  )
}

export function firstThatFits<D extends Destination>(
  candidates: readonly Candidate<D>[],
  search: Search,
): Candidate<D> | null {
  for (const one of candidates) if (fits(one, search)) return one
  return null
}

/** Whether a match fits by all but its path; by headers and query when some reader would say so. */
export const fits = <D extends Destination>(one: Candidate<D>, search: Search): boolean =>
  (search.namespaces === null || search.namespaces.has(one.destination.namespace)) &&
  (!one.broken || counts(one.destination, search)) &&
  methodMatches(one.match.methods, search.asked.method) &&
  allOf(one.headers, headerHolds, search) &&
  allOf(one.parameters, parameterHolds, search)

type Check = (test: ValueTest, search: Search) => boolean

function allOf(tests: readonly ValueTest[], check: Check, search: Search): boolean {
  for (const test of tests) if (!check(test, search)) return false
  return true
}

/** Whether a match counts although it is broken. */
const counts = ({ namespace }: Destination, { broken }: Search): boolean =>
  broken === 'everybody' || (broken !== 'nobody' && broken.namespace === namespace)

/** Whether the headers of a match that fits say the same to all who read them. */
export const hasPlainHeaders = <D extends Destination>({ headers }: Candidate<D>, search: Search): boolean =>
  allOf(headers, headerIsPlain, search)

/** Whether the query of a match that fits says the same to all who read it. */
export const hasPlainQuery = <D extends Destination>({ parameters }: Candidate<D>, search: Search): boolean =>
  allOf(parameters, parameterIsPlain, search)
