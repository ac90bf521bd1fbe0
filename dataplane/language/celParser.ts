import { CelProblem, type BinaryOperator, type Node } from './celSyntax.ts'
import { tokensOf, type Token } from './celTokens.ts'

/** Most characters of an expression, most nodes, and the depth to which they may be nested. */
export const celSize = { characters: 2048, nodes: 400, depth: 32 } as const

const levels: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '<=', '>', '>=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
]

const reserved = new Set(
  'as break const continue else for function if import let loop package namespace return var void while in'.split(' '),
)

/** Reads one expression. A class only because a position moves through its tokens. */
class Parser {
  readonly #tokens: readonly Token[]
  #position = 0
  #nodes = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  whole(): Node {
    const node = this.#expression()
    if (this.#next.kind !== 'end') throw new CelProblem('syntax', this.#next.at)
    return node
  }

  get #next(): Token {
    return this.#tokens[this.#position]!
  }

  #node<T extends Node>(node: T): T {
    this.#nodes += 1
    if (this.#nodes > celSize.nodes) throw new CelProblem('too-large', node.at)
    return node
  }

  #nested<T>(read: () => T): T {
    this.#depth += 1
    if (this.#depth > celSize.depth) throw new CelProblem('too-large', this.#next.at)
    const result = read()
    this.#depth -= 1
    return result
  }

  #takes(text: string): boolean {
    const { kind, text: found } = this.#next
    if (found !== text || (kind !== 'symbol' && !(kind === 'name' && text === 'in'))) return false
    this.#position += 1
    return true
  }

  #needs(text: string): void {
    if (!this.#takes(text)) throw new CelProblem('syntax', this.#next.at)
  }

  #expression(): Node {
    return this.#nested(() => {
      const when = this.#binary(0)
      const { at } = this.#next
      if (!this.#takes('?')) return when
      const yes = this.#nested(() => this.#binary(0))
      this.#needs(':')
      return this.#node({ kind: 'choice', at, when, yes, no: this.#expression() })
    })
  }

  /** Operators of one level stand in a row, so that a long row nests nothing while it is read; its tree is as deep as it is long. */
  #binary(level: number): Node {
    const operators = levels[level]
    if (operators === undefined) return this.#unary()
    let left = this.#binary(level + 1)
    for (let row = 1; ; row++) {
      const { at } = this.#next
      const operator = operators.find((one) => this.#takes(one))
      if (operator === undefined) return left
      if (row > celSize.depth) throw new CelProblem('too-large', at)
      left = this.#node({ kind: 'binary', at, operator, left, right: this.#binary(level + 1) })
    }
  }

  #unary(): Node {
    const { at, kind } = this.#next
    if (kind === 'symbol' && this.#takes('!'))
      return this.#nested(() => this.#node({ kind: 'not', at, operand: this.#unary() }))
    if (kind === 'symbol' && this.#takes('-'))
      return this.#nested(() => this.#node({ kind: 'negate', at, operand: this.#unary() }))
    return this.#member()
  }

  #member(): Node {
    let node = this.#primary()
    for (let row = 1; ; row++) {
      const { at } = this.#next
      if (row > celSize.depth) throw new CelProblem('too-large', at)
      if (this.#takes('.')) node = this.#selected(node, at)
      else if (this.#takes('[')) {
        node = this.#node({ kind: 'index', at, object: node, key: this.#expression() })
        this.#needs(']')
      } else return node
    }
  }

  #selected(object: Node, at: number): Node {
    const { kind, text } = this.#next
    if (kind !== 'name') throw new CelProblem('syntax', this.#next.at)
    this.#position += 1
    if (!this.#takes('(')) return this.#node({ kind: 'select', at, object, field: text })
    return this.#node({ kind: 'call', at, target: object, name: text, args: this.#items(')') })
  }

  #items(end: ')' | ']'): readonly Node[] {
    const items: Node[] = []
    while (!this.#takes(end)) {
      if (items.length > 0) {
        this.#needs(',')
        if (end === ']' && this.#takes(end)) break
      }
      items.push(this.#expression())
    }
    return items
  }

  #primary(): Node {
    const { kind, text, at } = this.#next
    if (this.#takes('(')) {
      const inner = this.#expression()
      this.#needs(')')
      return inner
    }
    if (this.#takes('[')) return this.#node({ kind: 'list', at, items: this.#items(']') })
    this.#position += 1
    if (kind === 'string') return this.#node({ kind: 'literal', at, type: 'string', value: text })
    if (kind === 'int' || kind === 'double') return this.#number(kind, text, at)
    if (kind !== 'name' || reserved.has(text)) throw new CelProblem('syntax', at)
    return this.#named(text, at)
  }

  #number(type: 'int' | 'double', text: string, at: number): Node {
    const value = Number(text)
    const sound = type === 'int' ? Number.isSafeInteger(value) : Number.isFinite(value)
    // A suffix such as that of an unsigned number would otherwise stand there as a name.
    if (!sound || (this.#next.kind === 'name' && this.#next.at === at + text.length)) throw new CelProblem('syntax', at)
    return this.#node({ kind: 'literal', at, type, value })
  }

  #named(text: string, at: number): Node {
    if (text === 'true' || text === 'false') {
      return this.#node({ kind: 'literal', at, type: 'bool', value: text === 'true' })
    }
    if (text === 'null') return this.#node({ kind: 'literal', at, type: 'null', value: null })
    if (!this.#takes('(')) return this.#node({ kind: 'name', at, name: text })
    return this.#node({ kind: 'call', at, target: null, name: text, args: this.#items(')') })
  }
}

/** @throws CelProblem */
export function parseCel(source: string): Node {
  if (source.length > celSize.characters) throw new CelProblem('too-large', celSize.characters)
  return new Parser(tokensOf(source)).whole()
}
