import type { Compiled, Run } from './celCompiled.ts'
import { CelProblem, type BinaryOperator, type Node } from './celSyntax.ts'
import { fits, isList, isMap, isNumber, joined, type CelType } from './celTypes.ts'
import { compare, equal, failed, hasMember, spend, textCost } from './celValues.ts'

type Binary = Extract<Node, { kind: 'binary' }>

/** @throws CelProblem when the operator does not take these types */
export function compiledBinary(node: Binary, left: Compiled, right: Compiled): Compiled {
  const { type, run } = operation(node, left, right)
  return { type, run, nodes: left.nodes + right.nodes + 1, cost: left.cost + right.cost + 1 }
}

type Operation = Pick<Compiled, 'type' | 'run'>

function operation(node: Binary, left: Compiled, right: Compiled): Operation {
  const { operator } = node
  switch (operator) {
    case '||':
    case '&&':
      need(node, fits(left.type, 'bool') && fits(right.type, 'bool'))
      return { type: 'bool', run: logical(operator === '||', left.run, right.run) }
    case '==':
    case '!=':
      need(node, comparable(left.type, right.type))
      return { type: 'bool', run: equality(operator === '==', left.run, right.run) }
    case '<':
    case '<=':
    case '>':
    case '>=':
      need(node, ordered(left.type, right.type))
      return { type: 'bool', run: ordering(operator, left.run, right.run) }
    case 'in':
      return membership(node, left, right)
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmetic(node, left, right)
  }
}

function need(node: Node, holds: boolean): void {
  if (!holds) throw new CelProblem('type', node.at)
}

const comparable = (a: CelType, b: CelType): boolean => fits(a, b) || (isNumber(a) && isNumber(b))

function ordered(a: CelType, b: CelType): boolean {
  const takes = (type: CelType): boolean => type === 'dyn' || type === 'string' || isNumber(type)
  return takes(a) && takes(b) && comparable(a, b)
}

/** What decides, decides also beside what fails (CEL, commutative logic). */
const logical =
  (deciding: boolean, left: Run, right: Run): Run =>
  (frame) => {
    const first = left(frame)
    if (first === deciding) return deciding
    const second = right(frame)
    if (second === deciding) return deciding
    return first === !deciding && second === !deciding ? !deciding : failed
  }

const equality =
  (wanted: boolean, left: Run, right: Run): Run =>
  (frame) => {
    const same = equal(left(frame), right(frame), frame.budget)
    return same === failed ? failed : same === wanted
  }

const orders: Readonly<Record<'<' | '<=' | '>' | '>=', (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

const ordering =
  (operator: keyof typeof orders, left: Run, right: Run): Run =>
  (frame) => {
    const order = compare(left(frame), right(frame), frame.budget)
    return order === failed ? failed : orders[operator](order)
  }

function membership(node: Binary, item: Compiled, range: Compiled): Operation {
  const { type } = range
  if (isMap(type)) {
    need(node, fits(item.type, 'string'))
    return { type: 'bool', run: keyed(item.run, range.run, type.folds) }
  }
  need(node, type === 'dyn' || (isList(type) && comparable(item.type, type.list)))
  const inMap = keyed(item.run, range.run, false)
  const run: Run = (frame) => {
    const all = range.run(frame)
    if (!Array.isArray(all)) return inMap(frame)
    const wanted = item.run(frame)
    for (const one of all as readonly unknown[]) {
      const same = equal(one, wanted, frame.budget)
      if (same !== false) return same
    }
    return wanted === failed ? failed : false
  }
  return { type: 'bool', run }
}

const keyed =
  (key: Run, map: Run, folds: boolean): Run =>
  (frame) => {
    const name = key(frame)
    return hasMember(map(frame), folds && typeof name === 'string' ? name.toLowerCase() : name)
  }

function arithmetic(node: Binary, left: Compiled, right: Compiled): Operation {
  const { operator } = node
  const type = joined(left.type, right.type)
  if (operator === '+' && type === 'string') return { type, run: concatenated(left.run, right.run) }
  if (operator === '+' && isList(left.type) && isList(right.type)) return { type, run: appended(left.run, right.run) }
  need(node, type === 'int' || (type === 'double' && operator !== '%'))
  const apply = calculations[operator as keyof typeof calculations]
  const run: Run = (frame) => {
    const a = left.run(frame)
    const b = right.run(frame)
    if (typeof a !== 'number' || typeof b !== 'number') return failed
    return type === 'int' ? wholeNumber(operator, a, b) : apply(a, b)
  }
  return { type, run }
}

const calculations = {
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => a / b,
  '%': (a: number, b: number) => a % b,
} as const satisfies Partial<Record<BinaryOperator, unknown>>

/** Whole numbers are exact up to 2^53; what would leave that fails, as does a division by 0. */
function wholeNumber(operator: BinaryOperator, a: number, b: number): unknown {
  if ((operator === '/' || operator === '%') && b === 0) return failed
  const result = Math.trunc(calculations[operator as keyof typeof calculations](a, b))
  return Number.isSafeInteger(result) ? result : failed
}

const concatenated =
  (left: Run, right: Run): Run =>
  (frame) => {
    const a = left(frame)
    const b = right(frame)
    if (typeof a !== 'string' || typeof b !== 'string') return failed
    return spend(frame.budget, textCost(a.length + b.length)) ? a + b : failed
  }

const appended =
  (left: Run, right: Run): Run =>
  (frame) => {
    const a = left(frame)
    const b = right(frame)
    if (!Array.isArray(a) || !Array.isArray(b) || !spend(frame.budget, a.length + b.length)) return failed
    return [...(a as readonly unknown[]), ...(b as readonly unknown[])]
  }
