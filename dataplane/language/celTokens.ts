import { CelProblem } from './celSyntax.ts'

/** A token of CEL (https://github.com/google/cel-spec/blob/master/doc/langdef.md). */
export interface Token {
  readonly kind: 'name' | 'int' | 'double' | 'string' | 'symbol' | 'end'
  /** What it says; of a string its value. */
  readonly text: string
  readonly at: number
}

const space = /[\t\n\f\r ]+|\/\/[^\n]*/y
const number = /0[xX][0-9a-fA-F]+|\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?|\d+/y
const name = /[A-Za-z_]\w*/y
const symbol = /&&|\|\||==|!=|<=|>=|[<>!+\-*/%?:.,()[\]]/y
const quote = /[rR]?(?:"""|'''|"|')/y

/** @throws CelProblem */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  const taken = (pattern: RegExp): string | null => {
    pattern.lastIndex = at
    return pattern.exec(source)?.[0] ?? null
  }
  while (at < source.length) {
    const blank = taken(space)
    if (blank !== null) {
      at += blank.length
      continue
    }
    const opening = taken(quote)
    if (opening !== null) {
      const { value, end } = stringAt(source, at, opening)
      tokens.push({ kind: 'string', text: value, at })
      at = end
      continue
    }
    const { kind, text } = plainToken(taken, at)
    tokens.push({ kind, text, at })
    at += text.length
  }
  tokens.push({ kind: 'end', text: '', at })
  return tokens
}

function plainToken(taken: (pattern: RegExp) => string | null, at: number): Pick<Token, 'kind' | 'text'> {
  const digits = taken(number)
  if (digits !== null) return { kind: /^0[xX]|^\d+$/.test(digits) ? 'int' : 'double', text: digits }
  const word = taken(name)
  if (word !== null) return { kind: 'name', text: word }
  const sign = taken(symbol)
  if (sign === null) throw new CelProblem('syntax', at)
  return { kind: 'symbol', text: sign }
}

const simple: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '?': '?',
  '"': '"',
  "'": "'",
  '`': '`',
}
const coded = /x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})/y

function stringAt(source: string, at: number, opening: string): { readonly value: string; readonly end: number } {
  const raw = /^[rR]/.test(opening)
  const quotes = raw ? opening.slice(1) : opening
  let value = ''
  let index = at + opening.length
  while (!source.startsWith(quotes, index)) {
    const character = source[index]
    if (character === undefined || (quotes.length === 1 && /[\r\n]/.test(character))) throw new CelProblem('syntax', at)
    if (character !== '\\' || raw) {
      value += character
      index += 1
      continue
    }
    const { text, length } = escapeAt(source, index + 1)
    value += text
    index += 1 + length
  }
  return { value, end: index + quotes.length }
}

function escapeAt(source: string, index: number): { readonly text: string; readonly length: number } {
  const known = simple[source[index] ?? '']
  if (known !== undefined) return { text: known, length: 1 }
  coded.lastIndex = index
  const found = coded.exec(source)
  if (found === null) throw new CelProblem('syntax', index - 1)
  const [all, byte, short, long, octal] = found
  const code = octal === undefined ? Number.parseInt(byte ?? short ?? long ?? '', 16) : Number.parseInt(octal, 8)
  const surrogate = code >= 0xd800 && code <= 0xdfff
  if (code > 0x10ffff || surrogate) throw new CelProblem('syntax', index - 1)
  return { text: String.fromCodePoint(code), length: all.length }
}
