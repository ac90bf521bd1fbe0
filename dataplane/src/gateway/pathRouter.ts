import { byPrecedence, echoOf, firstThatFits, type Candidate, type Destination } from './candidate.ts'
import { byLength, longestRegex } from './regexMatches.ts'
import type { Search } from './search.ts'
import type { Steps } from '../slices.ts'
import { sortedSteps } from '../sortedSteps.ts'
import { bestTemplate, templateTree, type TemplateNode } from './templateTree.ts'

interface Node<D extends Destination> {
  children: Map<string, Node<D>> | null
  /** Of prefixes that end here, in order of precedence. */
  candidates: Candidate<D>[] | null
}

/** So many matches are put into place between two rests. */
const portion = 64

/** The matches of one hostname. Its cost grows with the elements of a path, not with the number of routes. */
export interface PathRouter<D extends Destination> {
  readonly exact: ReadonlyMap<string, readonly Candidate<D>[]>
  /** null = none. */
  readonly templates: TemplateNode<D> | null
  readonly root: Node<D>
  /** In order of precedence; null = none. */
  readonly regexes: readonly Candidate<D>[] | null
}

const emptyNode = <D extends Destination>(): Node<D> => ({ children: null, candidates: null })

/** In small steps, since one host may have all matches of a namespace. */
export function* pathRouter<D extends Destination>(candidates: readonly Candidate<D>[]): Steps<PathRouter<D>> {
  const exact = new Map<string, Candidate<D>[]>()
  const root = emptyNode<D>()
  const templates: Candidate<D>[] = []
  const regexes: Candidate<D>[] = []
  const sorted = yield* sortedSteps([...candidates, ...candidates.flatMap(echoOf)], byPrecedence)
  for (const [index, one] of sorted.entries()) {
    if (index % portion === 0) yield
    const { type, value } = one.match.path
    if (type === 'Template') templates.push(one)
    else if (type === 'RegularExpression') regexes.push(one)
    else if (type === 'PathPrefix') {
      const node = nodeOf(root, value)
      node.candidates ??= []
      node.candidates.push(one)
    } else {
      const same = exact.get(value)
      if (same === undefined) exact.set(value, [one])
      else same.push(one)
    }
  }
  return { exact, root, templates: templateTree(templates), regexes: byLength(regexes) }
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

/**
 * The match of highest precedence: Exact, the Template with most literal elements, the longest PathPrefix, the longest
 * RegularExpression. One that fails by method, header or query is passed over.
 *
 * @param path - canonical
 */
export function findMatch<D extends Destination>(
  router: PathRouter<D>,
  path: string,
  search: Search,
): Candidate<D> | null {
  const exact = router.exact.get(path)
  const first = exact === undefined ? null : firstThatFits(exact, search)
  if (first !== null) return first
  const template = router.templates === null ? null : bestTemplate(router.templates, path, search)
  return (
    template ??
    longestPrefix(router.root, path, 1, search) ??
    (router.regexes === null ? null : longestRegex(router.regexes, path, search))
  )
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
  return node.candidates === null ? null : firstThatFits(node.candidates, search)
}
