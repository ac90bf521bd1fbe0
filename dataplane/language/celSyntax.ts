/** Why an expression is refused (M19: words of a table, never of an exception). */
export const celFaults = {
  syntax: 'cannot be read',
  'too-large': 'is too large',
  'unknown-name': 'unknown name',
  type: 'types do not fit',
  'not-bool': 'is not true or false',
  pattern: 'not a literal regular expression in the syntax of RE2',
  cost: 'costs too much',
} as const

/** What is wrong with an expression, and where: characters from its beginning. */
export interface CelFault {
  readonly fault: keyof typeof celFaults
  readonly at: number
}

/** Leaves parsing or checking; it never gets out of this package. */
export class CelProblem extends Error {
  readonly found: CelFault

  constructor(fault: CelFault['fault'], at: number) {
    super(celFaults[fault])
    this.found = { fault, at }
  }
}

export type BinaryOperator = '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%'

/** One node of an expression. */
export type Node = { readonly at: number } & (
  | { readonly kind: 'literal'; readonly type: 'bool' | 'int' | 'double' | 'string' | 'null'; readonly value: Literal }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'select'; readonly object: Node; readonly field: string }
  | { readonly kind: 'index'; readonly object: Node; readonly key: Node }
  | { readonly kind: 'call'; readonly target: Node | null; readonly name: string; readonly args: readonly Node[] }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'not' | 'negate'; readonly operand: Node }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Node; readonly right: Node }
  | { readonly kind: 'choice'; readonly when: Node; readonly yes: Node; readonly no: Node }
)

export type Literal = boolean | number | string | null
