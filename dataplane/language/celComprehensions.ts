import { expected, type Compiled, type Frame, type Run, type Scope } from './celCompiled.ts'
import { CelProblem, type Node } from './celSyntax.ts'
import { fits, isList, isMap, type CelType } from './celTypes.ts'
import { failed, itemsOf, spend, type CelBudget } from './celValues.ts'

const kinds = ['all', 'exists', 'exists_one', 'filter', 'map'] as const
type Comprehension = (typeof kinds)[number]

export const isComprehension = (name: string): name is Comprehension => kinds.some((kind) => kind === name)

type Compile = (node: Node, scope: Scope) => Compiled

/** Nested deeper, the work would multiply beyond every bound. */
const maxNested = 3

/**
 * `range.exists(x, …)` and the like.
 *
 * @throws CelProblem
 */
export function compiledComprehension(
  node: Extract<Node, { kind: 'call' }>,
  range: Node,
  scope: Scope,
  compile: Compile,
): Compiled {
  const [variable, body] = node.args
  if (variable?.kind !== 'name' || body === undefined || node.args.length !== 2) throw new CelProblem('syntax', node.at)
  const { name } = variable
  if ([...scope.environment.keys()].some((fact) => fact.split('.')[0] === name)) {
    throw new CelProblem('unknown-name', variable.at)
  }
  const slot = scope.variables.size
  if (slot >= maxNested) throw new CelProblem('too-large', node.at)
  const over = compile(range, scope)
  const inner = { ...scope, variables: new Map([...scope.variables, [name, { slot, type: itemType(over, range) }]]) }
  const each = compile(body, inner)
  const kind = node.name as Comprehension
  if (kind !== 'map' && !fits(each.type, 'bool')) throw new CelProblem('type', body.at)
  const items = range.kind === 'list' ? range.items.length : expected.items
  return {
    type: resultType(kind, over.type, each.type),
    run: loop(kind, over.run, { slot, run: each.run, cost: each.nodes + 1 }),
    nodes: over.nodes + 1,
    cost: over.cost + 1 + items * (each.cost + 1),
  }
}

function itemType({ type }: Compiled, range: Node): CelType {
  if (isList(type)) return type.list
  if (isMap(type)) return 'string'
  if (type !== 'dyn') throw new CelProblem('type', range.at)
  return 'dyn'
}

function resultType(kind: Comprehension, range: CelType, body: CelType): CelType {
  if (kind === 'map') return { list: body }
  if (kind !== 'filter') return 'bool'
  return isMap(range) ? { list: 'string' } : range
}

interface Body {
  readonly slot: number
  readonly run: Run
  /** Of one round. */
  readonly cost: number
}

const loop = (kind: Comprehension, range: Run, body: Body): Run => {
  const conclude = conclusions[kind]
  return (frame) => {
    const items = itemsOf(range(frame))
    return items === null ? failed : conclude(items, (item) => round(frame, body, item), frame.budget)
  }
}

function round(frame: Frame, { slot, run, cost }: Body, item: unknown): unknown {
  if (!spend(frame.budget, cost)) return failed
  frame.variables[slot] = item
  return run(frame)
}

type Conclude = (items: readonly unknown[], judge: (item: unknown) => unknown, budget: CelBudget) => unknown

/** `deciding` decides also beside what fails. */
const decided =
  (deciding: boolean): Conclude =>
  (items, judge, budget) => {
    let all = true
    for (const item of items) {
      const judged = judge(item)
      if (judged === deciding) return deciding
      if (judged !== !deciding) all = false
      if (budget.left < 0) return failed
    }
    return all ? !deciding : failed
  }

const conclusions: Readonly<Record<Comprehension, Conclude>> = {
  all: decided(false),
  exists: decided(true),
  exists_one: (items, judge) => {
    let count = 0
    for (const item of items) {
      const judged = judge(item)
      if (typeof judged !== 'boolean') return failed
      if (judged) count += 1
    }
    return count === 1
  },
  filter: (items, judge) => {
    const kept: unknown[] = []
    for (const item of items) {
      const judged = judge(item)
      if (typeof judged !== 'boolean') return failed
      if (judged) kept.push(item)
    }
    return kept
  },
  map: (items, judge) => {
    const made: unknown[] = []
    for (const item of items) {
      const one = judge(item)
      if (one === failed) return failed
      made.push(one)
    }
    return made
  },
}
