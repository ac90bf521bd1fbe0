import { byPrecedence, firstThatFits, type Candidate, type Destination } from './candidate.ts'
import type { Search } from './search.ts'

/** Where templates part: by a literal element, or by a parameter. */
export interface TemplateNode<D extends Destination> {
  children: Map<string, TemplateNode<D>> | null
  parameter: TemplateNode<D> | null
  /** Of templates that end here, in order of precedence. */
  candidates: Candidate<D>[] | null
  /** Literal elements up to here. */
  readonly literals: number
}

const node = <D extends Destination>(literals: number): TemplateNode<D> => ({
  children: null,
  parameter: null,
  candidates: null,
  literals,
})

/** @param candidates - by template, in the order of precedence; @returns null when there are none */
export function templateTree<D extends Destination>(candidates: readonly Candidate<D>[]): TemplateNode<D> | null {
  if (candidates.length === 0) return null
  const root = node<D>(0)
  for (const one of candidates) {
    let at = root
    for (const element of one.template?.elements ?? []) at = step(at, element)
    at.candidates ??= []
    at.candidates.push(one)
  }
  return root
}

function step<D extends Destination>(from: TemplateNode<D>, element: string | null): TemplateNode<D> {
  if (element === null) return (from.parameter ??= node(from.literals))
  from.children ??= new Map()
  let child = from.children.get(element)
  if (child === undefined) from.children.set(element, (child = node(from.literals + 1)))
  return child
}

/** A search that has come to a node. */
interface Visit<D extends Destination> {
  readonly search: Search
  readonly path: string
  best: Candidate<D> | null
  bestLiterals: number
}

/** The template of most literal elements that matches the whole path; among equals the order of precedence. */
export function bestTemplate<D extends Destination>(
  root: TemplateNode<D>,
  path: string,
  search: Search,
): Candidate<D> | null {
  const visit: Visit<D> = { search, path, best: null, bestLiterals: -1 }
  walk(root, 1, visit)
  return visit.best
}

/** @param start - where the next element begins; beyond the path = there is none */
function walk<D extends Destination>(at: TemplateNode<D>, start: number, visit: Visit<D>): void {
  const { path } = visit
  if (start > path.length) {
    if (at.candidates !== null && at.literals >= visit.bestLiterals) offer(at, at.candidates, visit)
    return
  }
  const slash = path.indexOf('/', start)
  const end = slash === -1 ? path.length : slash
  const child = at.children?.get(path.slice(start, end))
  if (child !== undefined) walk(child, end + 1, visit)
  if (at.parameter !== null && end > start) walk(at.parameter, end + 1, visit)
}

function offer<D extends Destination>(
  { literals }: TemplateNode<D>,
  candidates: readonly Candidate<D>[],
  visit: Visit<D>,
): void {
  const found = firstThatFits(candidates, visit.search)
  if (found === null) return
  if (literals === visit.bestLiterals && visit.best !== null && byPrecedence(visit.best, found) <= 0) return
  visit.best = found
  visit.bestLiterals = literals
}
