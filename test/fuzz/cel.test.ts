import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { celBudget, celCondition, isFault, type CelFacts } from '@gatehouse/language/cel'
import { policyExpression, requestFacts } from '@gatehouse/language/requestFacts'

const claim = fc.jsonValue({ maxDepth: 4 })
const textMap = fc.dictionary(fc.string(), fc.string()).map((all) => new Map(Object.entries(all)))
const values: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  'request.pathParams': textMap,
  'request.query': textMap,
  'request.headers': textMap,
  'principal.trustLevel': fc.nat(9),
  'principal.claims': fc.dictionary(fc.constantFrom('a', 'b'), claim),
}

/** Facts that are lacking, of the type that they should have, or of none. */
const anyFacts: fc.Arbitrary<CelFacts> = fc
  .record(
    Object.fromEntries(
      Object.entries(requestFacts).map(([name, type]) => {
        const list = typeof type === 'object' && 'list' in type
        return [name, fc.oneof(fc.constant(undefined), values[name] ?? (list ? fc.array(fc.string()) : fc.string()))]
      }),
    ),
  )
  .map((known: Readonly<Record<string, unknown>>) => ({ fact: (name) => known[name] }))

const word = fc.constantFrom(
  ...Object.keys(requestFacts),
  ...[
    'principal.claims.a',
    'principal.claims["b"]',
    'x',
    '"text"',
    '""',
    'r"\\d+"',
    '0',
    '7',
    '1.5',
    'true',
    'null',
    '[]',
  ],
)
const grown = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 6, depthIdentifier: 'cel' },
    word,
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('||', '&&', '==', '!=', '<', '>=', 'in', '+', '-', '/', '%'),
        tie('expression'),
      )
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    fc
      .tuple(tie('expression'), fc.constantFrom('all', 'exists', 'exists_one', 'filter', 'map'), tie('expression'))
      .map(([range, macro, body]) => `${range}.${macro}(x, ${body})`),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('contains', 'startsWith', 'endsWith', 'split', 'matches'),
        tie('expression'),
      )
      .map(([text, name, argument]) => `${text}.${name}(${argument})`),
    fc
      .tuple(fc.constantFrom('has', 'size', 'int', 'string', '!', '-'), tie('expression'))
      .map(([f, of]) => `${f}(${of})`),
    fc.tuple(tie('expression'), tie('expression'), tie('expression')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    fc.tuple(tie('expression'), tie('expression')).map(([of, key]) => `${of}[${key}]`),
  ),
})).expression
const soup = fc
  .array(
    fc.constantFrom(
      ...'. , ( ) [ ] ? : ! - + " \' \\ { }'.split(' '),
      '&&',
      '==',
      'in',
      'x',
      '1',
      '.5',
      '0x',
      'r"',
      '"""',
      'has',
      ' ',
      '\n',
      'ä',
    ),
  )
  .map((parts) => parts.join(''))

describe('a CEL condition', () => {
  it('never throws, neither when it is read nor when it is evaluated', () => {
    fc.assert(
      fc.property(fc.oneof(grown, soup, fc.string(), fc.string({ unit: 'binary' })), anyFacts, (source, facts) => {
        const made = policyExpression(source)
        if (isFault(made)) expect(made.at).toBeGreaterThanOrEqual(0)
        else expect([true, false, null]).toContain(made.evaluate(facts, { left: celBudget }))
      }),
      { numRuns: 20_000 },
    )
  })

  it('asks for no more facts than its budget allows', () => {
    fc.assert(
      fc.property(grown, anyFacts, fc.nat(2000), (source, facts, budget) => {
        const made = celCondition(source, new Map(Object.entries(requestFacts)))
        if (isFault(made)) return
        let asked = 0
        const counting: CelFacts = { fact: (name) => ((asked += 1), facts.fact(name)) }
        made.evaluate(counting, { left: budget })
        expect(asked).toBeLessThanOrEqual(budget + 400)
      }),
      { numRuns: 5000 },
    )
  })
})
