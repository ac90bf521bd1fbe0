import { CelProblem, type Node } from './celSyntax.ts'
import type { Compiled, Frame, Run, Scope } from './celCompiled.ts'
import { expected } from './celCompiled.ts'
import { fits, isList, isMap, type CelType } from './celTypes.ts'
import { failed, spend, textCost } from './celValues.ts'
import { regexOf, type Regex } from './regex.ts'

/** A function of a text and up to one argument. */
interface TextFunction {
  readonly argument: 'string' | null
  readonly type: CelType
  readonly apply: (text: string, argument: string, frame: Frame) => unknown
}

/** Looking for one text in another may compare each character of one with each of the other. */
const searchCost = (text: string, part: string): number => textCost(text.length) + ((text.length * part.length) >> 10)

const caseOf =
  (fold: (text: string) => string, pattern: RegExp) =>
  (text: string, _: string, { budget }: Frame) =>
    spend(budget, textCost(text.length)) ? text.replaceAll(pattern, fold) : failed

const textFunctions: Readonly<Record<string, TextFunction>> = {
  contains: {
    argument: 'string',
    type: 'bool',
    apply: (text, part, { budget }) => (spend(budget, searchCost(text, part)) ? text.includes(part) : failed),
  },
  startsWith: {
    argument: 'string',
    type: 'bool',
    apply: (text, part, { budget }) => (spend(budget, textCost(part.length)) ? text.startsWith(part) : failed),
  },
  endsWith: {
    argument: 'string',
    type: 'bool',
    apply: (text, part, { budget }) => (spend(budget, textCost(part.length)) ? text.endsWith(part) : failed),
  },
  lowerAscii: { argument: null, type: 'string', apply: caseOf((text) => text.toLowerCase(), /[A-Z]+/g) },
  upperAscii: { argument: null, type: 'string', apply: caseOf((text) => text.toUpperCase(), /[a-z]+/g) },
  trim: {
    argument: null,
    type: 'string',
    apply: (text, _, { budget }) => (spend(budget, textCost(text.length)) ? text.trim() : failed),
  },
  split: { argument: 'string', type: { list: 'string' }, apply: split },
}

function split(text: string, separator: string, { budget }: Frame): unknown {
  if (!spend(budget, searchCost(text, separator))) return failed
  const parts = text.split(separator)
  return spend(budget, parts.length) ? parts : failed
}

/** A conversion, and the types that it takes beside `dyn`. */
interface Conversion {
  readonly from: readonly CelType[]
  readonly type: CelType
  readonly apply: (value: unknown) => unknown
}

const whole = (value: number): unknown => (Number.isSafeInteger(value) ? value : failed)

const conversions: Readonly<Record<string, Conversion>> = {
  int: {
    from: ['int', 'double', 'string'],
    type: 'int',
    apply: (value) => {
      if (typeof value === 'number') return whole(Math.trunc(value))
      return typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? whole(Number(value)) : failed
    },
  },
  double: {
    from: ['int', 'double', 'string'],
    type: 'double',
    apply: (value) => {
      if (typeof value === 'number') return value
      return typeof value === 'string' && /^-?\d{1,16}(\.\d{1,16})?$/.test(value) ? Number(value) : failed
    },
  },
  string: {
    from: ['bool', 'int', 'double', 'string'],
    type: 'string',
    apply: (value) => (['boolean', 'number', 'string'].includes(typeof value) ? String(value) : failed),
  },
}

/** What a call is given, made ready. */
interface Given {
  readonly target: Compiled | null
  readonly args: readonly Compiled[]
}

/** @throws CelProblem when there is no such function of these types */
export function compiledCall(
  node: Extract<Node, { kind: 'call' }>,
  { target, args }: Given,
  { patterns }: Pick<Scope, 'patterns'>,
): Compiled {
  const { name } = node
  const given = target === null ? args : [target, ...args]
  const nodes = given.reduce((sum, one) => sum + one.nodes, 1)
  const cost = given.reduce((sum, one) => sum + one.cost, 1)
  if (name === 'size') return { ...sizeOf(node, given), nodes, cost: cost + textCost(expected.characters) }
  if (name === 'matches') {
    const { text, regex } = textAndRegex(node, given, patterns)
    return { ...matching(text, regex, cost), nodes }
  }
  const [first, second] = given
  const conversion = target === null && Object.hasOwn(conversions, name) ? conversions[name] : undefined
  if (conversion !== undefined) {
    if (given.length !== 1 || !conversion.from.some((type) => fits(first!.type, type))) throw problem(node)
    return { type: conversion.type, run: converted(first!.run, conversion), nodes, cost }
  }
  const known = target !== null && Object.hasOwn(textFunctions, name) ? textFunctions[name] : undefined
  if (known === undefined) throw new CelProblem('unknown-name', node.at)
  const wanted = known.argument === null ? 1 : 2
  if (given.length !== wanted || !given.every(({ type }) => fits(type, 'string'))) throw problem(node)
  const run = onText(first!.run, second?.run ?? (() => ''), known)
  const long = name === 'split' ? expected.items : 0
  return { type: known.type, run, nodes, cost: cost + 2 * textCost(expected.characters) + long }
}

const problem = ({ at }: Node): CelProblem => new CelProblem('type', at)

function onText(text: Run, argument: Run, { apply }: TextFunction): Run {
  return (frame) => {
    const given = text(frame)
    const other = argument(frame)
    return typeof given === 'string' && typeof other === 'string' ? apply(given, other, frame) : failed
  }
}

const converted =
  (value: Run, { apply }: Conversion): Run =>
  (frame) => {
    const given = value(frame)
    return given === failed ? failed : apply(given)
  }

/** Of a text its code points, of a list its items, of a map its members. */
function sizeOf(node: Node, given: readonly Compiled[]): Pick<Compiled, 'type' | 'run'> {
  const [of] = given
  const sized = of !== undefined && (fits(of.type, 'string') || isList(of.type) || isMap(of.type))
  if (!sized || given.length !== 1) throw problem(node)
  const run: Run = (frame) => {
    const value = of.run(frame)
    if (typeof value === 'string') return spend(frame.budget, textCost(value.length)) ? codePoints(value) : failed
    if (Array.isArray(value)) return value.length
    if (value instanceof Map) return value.size
    return typeof value === 'object' && value !== null ? Object.keys(value).length : failed
  }
  return { type: 'int', run }
}

function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

/** A pattern is literal, so that it is compiled once and its cost is known; it need not match the whole (CEL). */
function textAndRegex(node: Extract<Node, { kind: 'call' }>, given: readonly Compiled[], patterns: string[]) {
  const [text] = given
  const pattern = node.args.at(-1)
  if (text === undefined || given.length !== 2 || !fits(text.type, 'string')) throw problem(node)
  const literal = pattern?.kind === 'literal' && typeof pattern.value === 'string' ? pattern.value : null
  if (literal !== null) patterns.push(literal)
  const regex = literal === null ? null : regexOf(literal)
  if (regex === null) throw new CelProblem('pattern', pattern?.at ?? node.at)
  return { text, regex }
}

function matching(text: Compiled, regex: Regex, cost: number) {
  const run: Run = (frame) => {
    const value = text.run(frame)
    if (typeof value !== 'string' || !spend(frame.budget, 1 + regex.size * value.length)) return failed
    return regex.finds(value)
  }
  return { type: 'bool' as const, run, cost: cost + regex.size * expected.characters }
}
