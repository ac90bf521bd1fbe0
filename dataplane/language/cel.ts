import type { CelEnvironment, CelFacts, Compiled, Run, Scope } from './celCompiled.ts'
import { compiledComprehension, isComprehension } from './celComprehensions.ts'
import { compiledCall } from './celFunctions.ts'
import { compiledBinary } from './celOperators.ts'
import { parseCel } from './celParser.ts'
import { CelProblem, type CelFault, type Node } from './celSyntax.ts'
import { fits, isList, isMap, isNumber, joined, type CelType } from './celTypes.ts'
import { failed, hasMember, memberOf, spend, type CelBudget } from './celValues.ts'

export { celFaults, type CelFault } from './celSyntax.ts'
export { celSize } from './celParser.ts'
export type { CelEnvironment, CelFacts } from './celCompiled.ts'
export type { CelType } from './celTypes.ts'
export { failed, hidden, type CelBudget } from './celValues.ts'

/** Most that the expressions of one request may cost together, and that one may be expected to cost: 60 ns each at the worst. */
export const celBudget = 100_000

/** A condition in CEL, made ready. */
export interface CelCondition {
  /** Names of the facts that it can ask for. */
  readonly uses: ReadonlySet<string>
  /** Its regular expressions. */
  readonly patterns: readonly string[]
  /** @returns null when it fails: a fact lacks or is of another type, or the budget is spent */
  evaluate(facts: CelFacts, budget: CelBudget): boolean | null
}

/** What keeps a text from being a condition, and the regular expressions that were compiled before that was found. */
export type FaultyCondition = CelFault & Pick<CelCondition, 'patterns'>

/** Reads and checks a condition: every name and type in it, and what it may cost. It never throws. */
export function celCondition(source: string, environment: CelEnvironment): CelCondition | FaultyCondition {
  const patterns: string[] = []
  try {
    const uses = new Set<string>()
    const node = parseCel(source)
    const { type, run, nodes, cost } = compiled(node, { environment, variables: new Map(), uses, patterns })
    if (!fits(type, 'bool')) return { fault: 'not-bool', at: node.at, patterns }
    if (cost > celBudget) return { fault: 'cost', at: 0, patterns }
    return { uses, patterns, evaluate: (facts, budget) => evaluated(run, nodes, facts, budget) }
  } catch (error) {
    return { ...(error instanceof CelProblem ? error.found : { fault: 'too-large', at: 0 }), patterns }
  }
}

export const isFault = (made: CelCondition | FaultyCondition): made is FaultyCondition => 'fault' in made

function evaluated(run: Run, nodes: number, facts: CelFacts, budget: CelBudget): boolean | null {
  if (!spend(budget, nodes)) return null
  const value = run({ facts, budget, variables: [] })
  return typeof value === 'boolean' && budget.left >= 0 ? value : null
}

function compiled(node: Node, scope: Scope): Compiled {
  switch (node.kind) {
    case 'literal':
      return leaf(node.type, () => node.value)
    case 'name':
      return named(node, scope)
    case 'select':
      return selected(node, scope)
    case 'index':
      return indexed(node, compiled(node.object, scope), compiled(node.key, scope))
    case 'call':
      return called(node, scope)
    case 'list':
      return listed(node.items.map((item) => compiled(item, scope)))
    case 'not':
      return negated(node, compiled(node.operand, scope))
    case 'negate':
      return minus(node, compiled(node.operand, scope))
    case 'binary':
      return compiledBinary(node, compiled(node.left, scope), compiled(node.right, scope))
    case 'choice':
      return choice(node, scope)
  }
}

const leaf = (type: CelType, run: Run): Compiled => ({ type, run, nodes: 1, cost: 1 })

const around = (type: CelType, run: Run, ...inner: readonly Compiled[]): Compiled => ({
  type,
  run,
  nodes: inner.reduce((sum, one) => sum + one.nodes, 1),
  cost: inner.reduce((sum, one) => sum + one.cost, 1),
})

function named({ name, at }: Extract<Node, { kind: 'name' }>, { variables }: Scope): Compiled {
  const variable = variables.get(name)
  if (variable === undefined) throw new CelProblem('unknown-name', at)
  const { slot, type } = variable
  return leaf(type, (frame) => frame.variables[slot])
}

/** The dotted name that a chain of selections spells, where it begins with no variable. */
function dotted(node: Node, { variables }: Pick<Scope, 'variables'>): string | null {
  if (node.kind === 'name') return variables.has(node.name) ? null : node.name
  const object = node.kind === 'select' ? dotted(node.object, { variables }) : null
  return node.kind === 'select' && object !== null ? `${object}.${node.field}` : null
}

/** The type of a fact that is asked for by its whole name; undefined when it is none. */
function factOf(node: Node, scope: Scope): { readonly name: string; readonly type: CelType } | null {
  const name = dotted(node, scope)
  const type = name === null ? undefined : scope.environment.get(name)
  if (name === null || type === undefined) return null
  scope.uses.add(name)
  return { name, type }
}

function selected(node: Extract<Node, { kind: 'select' }>, scope: Scope): Compiled {
  const fact = factOf(node, scope)
  if (fact !== null) {
    const { name, type } = fact
    return leaf(type, ({ facts }) => facts.fact(name) ?? failed)
  }
  const object = compiled(node.object, scope)
  const key = keyOf(node, object)
  return around(memberType(object.type), (frame) => memberOf(object.run(frame), key), object)
}

const memberType = (type: CelType): CelType => (isMap(type) ? type.map : 'dyn')

function keyOf({ field, at }: Extract<Node, { kind: 'select' }>, { type }: Compiled): string {
  if (!isMap(type) && type !== 'dyn') throw new CelProblem('type', at)
  return isMap(type) && type.folds ? field.toLowerCase() : field
}

function indexed(node: Node, object: Compiled, key: Compiled): Compiled {
  const { type } = object
  const byPlace = isList(type) || type === 'dyn'
  const byName = isMap(type) || type === 'dyn'
  const sound = (byPlace && fits(key.type, 'int')) || (byName && fits(key.type, 'string'))
  if (!sound) throw new CelProblem('type', node.at)
  const folds = isMap(type) && type.folds
  const run: Run = (frame) => {
    const of = object.run(frame)
    const at = key.run(frame)
    if (Array.isArray(of)) return typeof at === 'number' && at in of ? (of as readonly unknown[])[at] : failed
    return memberOf(of, folds && typeof at === 'string' ? at.toLowerCase() : at)
  }
  return around(isList(type) ? type.list : memberType(type), run, object, key)
}

function called(node: Extract<Node, { kind: 'call' }>, scope: Scope): Compiled {
  const { target, name, args } = node
  if (target === null && name === 'has') return presence(node, scope)
  if (target !== null && isComprehension(name)) return compiledComprehension(node, target, scope, compiled)
  const given = args.map((one) => compiled(one, scope))
  return compiledCall(node, { target: target === null ? null : compiled(target, scope), args: given }, scope)
}

/** `has(a.b)`: whether a fact or a member is there. */
function presence({ args, at }: Extract<Node, { kind: 'call' }>, scope: Scope): Compiled {
  const [asked] = args
  if (asked?.kind !== 'select' || args.length !== 1) throw new CelProblem('syntax', at)
  const fact = factOf(asked, scope)
  if (fact !== null) {
    return leaf('bool', ({ facts }) => {
      const value = facts.fact(fact.name)
      return value === failed ? failed : value !== undefined
    })
  }
  const object = compiled(asked.object, scope)
  const key = keyOf(asked, object)
  return around('bool', (frame) => hasMember(object.run(frame), key), object)
}

function listed(items: readonly Compiled[]): Compiled {
  const type = items.map((item) => item.type).reduce(joined, items[0]?.type ?? 'dyn')
  const run: Run = (frame) => {
    const values: unknown[] = []
    for (const item of items) {
      const value = item.run(frame)
      if (value === failed) return failed
      values.push(value)
    }
    return values
  }
  return around({ list: type }, run, ...items)
}

function negated(node: Node, operand: Compiled): Compiled {
  if (!fits(operand.type, 'bool')) throw new CelProblem('type', node.at)
  return around(
    'bool',
    (frame) => {
      const value = operand.run(frame)
      return typeof value === 'boolean' ? !value : failed
    },
    operand,
  )
}

function minus(node: Node, operand: Compiled): Compiled {
  if (!isNumber(operand.type)) throw new CelProblem('type', node.at)
  return around(
    operand.type,
    (frame) => {
      const value = operand.run(frame)
      return typeof value === 'number' ? -value : failed
    },
    operand,
  )
}

function choice({ when, yes: first, no: second }: Extract<Node, { kind: 'choice' }>, scope: Scope): Compiled {
  const condition = compiled(when, scope)
  if (!fits(condition.type, 'bool')) throw new CelProblem('type', when.at)
  const [yes, no] = [compiled(first, scope), compiled(second, scope)]
  const run: Run = (frame) => {
    const value = condition.run(frame)
    return value === true ? yes.run(frame) : value === false ? no.run(frame) : failed
  }
  return around(joined(yes.type, no.type), run, condition, yes, no)
}
