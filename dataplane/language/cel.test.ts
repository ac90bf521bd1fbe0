import { describe, expect, it } from 'vitest'
import {
  celBudget,
  celCondition,
  failed,
  hidden,
  isFault,
  type CelEnvironment,
  type CelFacts,
  type CelType,
} from './cel.ts'

const environment: CelEnvironment = new Map<string, CelType>([
  ['r.text', 'string'],
  ['r.count', 'int'],
  ['r.ratio', 'double'],
  ['r.flag', 'bool'],
  ['r.lacking', 'string'],
  ['r.list', { list: 'string' }],
  ['r.headers', { map: 'string', folds: true }],
  ['r.claims', 'dyn'],
])

const known: Readonly<Record<string, unknown>> = {
  'r.text': 'Hello Wörld',
  'r.count': 7,
  'r.ratio': 0.5,
  'r.flag': true,
  'r.list': ['a', 'b', 'b'],
  'r.headers': new Map<string, unknown>([
    ['x-one', '1'],
    ['x-twice', failed],
    ['authorization', hidden],
  ]),
  'r.claims': JSON.parse(
    '{"n":3,"f":1.5,"s":"text","l":[1,"x"],"o":{"k":"v"},"z":null,"b":true,"__proto__":{"p":1}}',
  ) as unknown,
}
const facts: CelFacts = { fact: (name) => known[name] }

function outcome(source: string, budget = { left: celBudget }): boolean | string | null {
  const made = celCondition(source, environment)
  return isFault(made) ? `${made.fault} ${made.at}` : made.evaluate(facts, budget)
}

describe('a condition', () => {
  it.each([
    'true',
    '!false',
    '1 + 2 * 3 == 7',
    '(1 + 2) * 3 == 9',
    '7 / 2 == 3 && -7 / 2 == -3 && 7 % 4 == 3',
    '0x10 == 16',
    '1.5 + 1.5 == 3.0',
    '1 < 2.5',
    '"a" + \'b\' == "ab"',
    'r"\\d" == "\\\\d"',
    '"""a"b""" == "a\\"b"',
    '"\\u00f6" == "ö" && "\\x41\\101" == "AA" && "\\U0001F600".size() == 1',
    'r.text == "Hello Wörld" // a comment',
    'r.text.size() == 11 && size(r.list) == 3',
    'r.text.contains("Wö") && r.text.startsWith("Hello") && r.text.endsWith("rld")',
    'r.text.lowerAscii() == "hello wörld" && "aB".upperAscii() == "AB"',
    'r.text.matches("W.*d$") && matches(r.text, "^H")',
    '!r.text.matches("^W")',
    '" a ".trim() == "a" && "a,b".split(",") == ["a", "b"]',
    '"a" in r.list && !("c" in r.list)',
    'r.list[0] == "a" && r.list + ["c"] == ["a", "b", "b", "c"]',
    'r.list.all(x, x.size() == 1) && r.list.exists(x, x == "b") && r.list.exists_one(x, x == "a")',
    '!r.list.exists_one(x, x == "b")',
    'r.list.filter(x, x == "b").size() == 2 && r.list.map(x, x + "!")[0] == "a!"',
    '[[1, 2], [3]].exists(l, l.exists(n, n == 3))',
    'r.count > 6 ? r.flag : false',
    'int("7") == r.count && string(r.count) == "7" && double("0.5") == r.ratio && int(7.9) == 7',
    'r.headers["X-One"] == "1" && "X-ONE" in r.headers && !("x-two" in r.headers) && "x-twice" in r.headers',
    'r.claims.n == 3 && r.claims.f > 1 && r.claims.s.startsWith("te") && r.claims.o.k == "v"',
    'r.claims["l"][1] == "x" && "o" in r.claims && has(r.claims.z) && r.claims.z == null',
    'r.claims.n != "3"',
    'has(r.text) && !has(r.lacking) && !has(r.claims.q) && !has(r.claims.constructor)',
    'false && r.lacking == "x" || true',
    'r.lacking == "x" || true',
    '!(r.lacking == "x" && false)',
    '["a", "b"].exists(x, x == "b" || r.lacking == x)',
    '"a" < "b" && "\\U0001F600" > "\\uFFFF"',
  ])('%s holds', (source) => {
    expect(outcome(source)).toBe(true)
  })

  it.each([
    'r.lacking == "x"',
    'r.lacking != "x"',
    '!(r.lacking == "x")',
    'r.lacking == "x" && true',
    'r.lacking == "x" || false',
    'r.claims.q == 1',
    'r.claims.constructor == 1',
    'r.claims.s < 3',
    'r.claims.s',
    'r.claims.n.startsWith("3")',
    'r.claims.o.all(k, r.claims.q == k)',
    'r.list[3] == "a"',
    'r.list[-1] == "a"',
    'r.headers["x-two"] == ""',
    'r.headers["x-twice"] == "1"',
    'r.headers.authorization == "x"',
    '"authorization" in r.headers',
    'has(r.headers.authorization)',
    'int("x") == 1',
    'int("99999999999999999999") == 1',
    '1 / (r.count - 7) == 0',
    '9007199254740991 + r.count == 0',
    'r.claims.n ? true : true',
    '[r.lacking].size() == 1',
    'r.list.exists_one(x, r.lacking == x)',
  ])('%s fails', (source) => {
    expect(outcome(source)).toBeNull()
  })

  it.each([
    ['', 'syntax 0'],
    ['true true', 'syntax 5'],
    ['r.text ==', 'syntax 9'],
    ['"abc', 'syntax 0'],
    ['"\\q"', 'syntax 1'],
    ['1u == 1', 'syntax 0'],
    ['b"a" == "a"', 'syntax 1'],
    ['{"a": 1}', 'syntax 0'],
    ['a.b{}', 'syntax 3'],
    ['import == 1', 'syntax 0'],
    ['99999999999999999999 == 1', 'syntax 0'],
    ['r', 'unknown-name 0'],
    ['r.unknown == 1', 'unknown-name 0'],
    ['x == 1', 'unknown-name 0'],
    ['r.text.reverse() == ""', 'unknown-name 6'],
    ['r.list.exists(r, true)', 'unknown-name 14'],
    ['timestamp("x") == 1', 'unknown-name 0'],
    ['__proto__ == 1', 'unknown-name 0'],
    ['r.text.constructor("x") == 1', 'unknown-name 6'],
    ['r.text == 1', 'type 7'],
    ['r.text + 1 == "a"', 'type 7'],
    ['r.claims.n + 1 == 4', 'type 11'],
    ['1 + 1.0 == 2.0', 'type 2'],
    ['!r.text', 'type 0'],
    ['r.text && true', 'type 7'],
    ['r.text.foo == 1', 'type 6'],
    ['1 in r.list', 'type 2'],
    ['r.list.all(x, x)', 'type 14'],
    ['r.count.startsWith("a")', 'type 7'],
    ['r.text', 'not-bool 1'],
    ['r.text.matches(r.text)', 'pattern 16'],
    ['r.text.matches("(")', 'pattern 15'],
    ['r.text.matches("(?=a)")', 'pattern 15'],
    ['r.list.all(x, r.list.all(y, r.list.all(z, x + y == z)))', 'cost 0'],
    ['r.list.all(a, r.list.all(b, r.list.all(c, r.list.all(d, true))))', 'too-large 48'],
    [`${'('.repeat(100)}true${')'.repeat(100)}`, 'too-large 32'],
    [`true${' && true'.repeat(100)}`, 'too-large 261'],
    [`"${'a'.repeat(2048)}" == ""`, 'too-large 2048'],
  ])('%s is refused: %s', (source, expected) => {
    expect(outcome(source)).toBe(expected)
  })

  it('says which facts it can ask for', () => {
    const made = celCondition(
      'r.flag && (r.text == "a" || r.claims.s == "b") && r.list.exists(x, x == r.lacking)',
      environment,
    )
    expect(isFault(made) ? made : [...made.uses].sort()).toEqual([
      'r.claims',
      'r.flag',
      'r.lacking',
      'r.list',
      'r.text',
    ])
  })
})

describe('the bound of an evaluation', () => {
  const long: CelFacts = {
    fact: (name) =>
      name === 'r.text'
        ? 'ab'.repeat(50_000)
        : name === 'r.list'
          ? Array.from({ length: 5000 }, () => 'x')
          : known[name],
  }
  it.each([
    'r.list.exists(x, r.list.exists(y, x != y))',
    'r.list.all(x, !r.text.contains("ab" + x))',
    'r.text.matches("(a|b)*a(a|b){50}c")',
    'r.list.all(x, r.text.lowerAscii() == r.text)',
    'r.list.map(x, r.text + r.text).size() == 0',
    'r.list.map(x, r.list.filter(y, y == x)).size() == 0',
    'r.list.all(x, r.text.split("a").size() > 1)',
    'r.list.all(x, [r.list, r.list] == [r.list, r.list])',
  ])('ends %s', (source) => {
    const made = celCondition(source, environment)
    if (isFault(made)) throw new Error(made.fault)
    const budget = { left: celBudget }
    expect(made.evaluate(long, budget)).toBeNull()
    expect(budget.left).toBeLessThan(0)
  })

  it('ends loops in which nothing can be decided any more', () => {
    let asked = 0
    const counting: CelFacts = { fact: (name) => (name === 'r.lacking' ? void (asked += 1) : long.fact(name)) }
    const made = celCondition('r.list.exists(x, r.list.exists(y, r.lacking == x + y))', environment)
    if (isFault(made)) throw new Error(made.fault)
    expect(made.evaluate(counting, { left: celBudget })).toBeNull()
    expect(asked).toBeLessThan(celBudget / 5)
  })

  it('is one for all expressions of a request', () => {
    const budget = { left: 10 }
    expect(outcome('r.text == "a" && r.flag', budget)).toBe(false)
    expect(outcome('r.text == "a" && r.flag', budget)).toBeNull()
  })
})
