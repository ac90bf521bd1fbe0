import type { RuleMatch } from '@gatehouse/contract'
import { looseReading, methodMatches } from '../policy/paths.ts'

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
}

export const candidate = <D extends Destination>(
  match: RuleMatch,
  seniority: Seniority,
  destination: D,
): Candidate<D> => ({ match, seniority, destination, literal: looseReading(match.path.value) !== match.path.value })

/** What of a request a match looks at beside its path. */
export interface Asked {
  readonly method: string
  readonly headers: ReadonlyMap<string, readonly string[]>
}

interface Node<D extends Destination> {
  children: Map<string, Node<D>> | null
  /** Of prefixes that end here, in order of precedence. */
  candidates: Candidate<D>[] | null
}

/** The matches of one hostname. Its cost grows with the elements of a path, not with the number of routes. */
export interface PathRouter<D extends Destination> {
  readonly exact: ReadonlyMap<string, readonly Candidate<D>[]>
  readonly root: Node<D>
}

const emptyNode = <D extends Destination>(): Node<D> => ({ children: null, candidates: null })

export function pathRouter<D extends Destination>(candidates: readonly Candidate<D>[]): PathRouter<D> {
  const exact = new Map<string, Candidate<D>[]>()
  const root = emptyNode<D>()
  for (const one of [...candidates].sort(byPrecedence)) {
    const { type, value } = one.match.path
    if (type === 'PathPrefix') {
      const node = nodeOf(root, value)
      node.candidates ??= []
      node.candidates.push(one)
    } else {
      const same = exact.get(value)
      if (same === undefined) exact.set(value, [one])
      else same.push(one)
    }
  }
  return { exact, root }
}

function nodeOf<D extends Destination>(root: Node<D>, prefix: string): Node<D> {
  const elements = prefix.split('/').slice(1)
  if (elements.at(-1) === '') elements.pop()
  let node = root
  for (const element of elements) {
    node.children ??= new Map()
    let child = node.children.get(element)
    if (child === undefined) node.children.set(element, (child = emptyNode()))
    node = child
  }
  return node
}

/** Among matches of one path: methods listed, more headers, the older route, its name, the order written. */
function byPrecedence<D extends Destination>(a: Candidate<D>, b: Candidate<D>): number {
  return (
    Number(a.match.methods === null) - Number(b.match.methods === null) ||
    b.match.headers.length - a.match.headers.length ||
    a.seniority.created - b.seniority.created ||
    (a.seniority.route < b.seniority.route ? -1 : a.seniority.route > b.seniority.route ? 1 : 0) ||
    a.seniority.order - b.seniority.order
  )
}

/**
 * The match of highest precedence: Exact, then the longest PathPrefix. One that fails by method or header is passed over.
 *
 * @param path - canonical
 * @param namespaces - those that may answer; null = all
 */
export function findMatch<D extends Destination>(
  router: PathRouter<D>,
  path: string,
  asked: Asked,
  namespaces: ReadonlySet<string> | null,
): Candidate<D> | null {
  const exact = router.exact.get(path)
  const best = exact === undefined ? null : firstThatFits(exact, asked, namespaces)
  return best ?? longestPrefix(router.root, path, 1, { asked, namespaces })
}

interface Search {
  readonly asked: Asked
  readonly namespaces: ReadonlySet<string> | null
}

/** @param start - where the next element begins */
function longestPrefix<D extends Destination>(
  node: Node<D>,
  path: string,
  start: number,
  search: Search,
): Candidate<D> | null {
  if (node.children !== null && start < path.length) {
    const slash = path.indexOf('/', start)
    const end = slash === -1 ? path.length : slash
    const child = node.children.get(path.slice(start, end))
    const longer = child === undefined ? null : longestPrefix(child, path, end + 1, search)
    if (longer !== null) return longer
  }
  return node.candidates === null ? null : firstThatFits(node.candidates, search.asked, search.namespaces)
}

function firstThatFits<D extends Destination>(
  candidates: readonly Candidate<D>[],
  { method, headers }: Asked,
  namespaces: ReadonlySet<string> | null,
): Candidate<D> | null {
  for (const one of candidates) {
    if (namespaces !== null && !namespaces.has(one.destination.namespace)) continue
    if (methodMatches(one.match.methods, method) && headersMatch(one.match, headers)) return one
  }
  return null
}

/** Repeated lines are one value, as RFC 9110 5.2 joins them, so that no reader sees a value that was not compared. */
function headersMatch({ headers: wanted }: RuleMatch, headers: Asked['headers']): boolean {
  for (const { name, value } of wanted) {
    const values = headers.get(name)
    if (values === undefined || (values.length === 1 ? values[0] : values.join(', ')) !== value) return false
  }
  return true
}
