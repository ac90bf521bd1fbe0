/** A JSON object: any name is data, also `__proto__`. */
export type JsonObject = ReadonlyMap<string, JsonValue>

/** A JSON value (RFC 8259). An integer that a double cannot hold exactly is a bigint. */
export type JsonValue = null | boolean | number | bigint | string | readonly JsonValue[] | JsonObject

export const isJsonObject = (value: JsonValue | undefined): value is JsonObject => value instanceof Map
export const isJsonArray = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value)

/** Why a text is refused as JSON. */
export type JsonFault = 'not-json' | 'duplicate-name' | 'lone-surrogate' | 'number' | 'too-deep' | 'too-many-values'

export interface JsonLimits {
  /** Most arrays and objects inside each other. */
  readonly maxDepth: number
  /** Most values and names in all. */
  readonly maxValues: number
}

export type JsonReading =
  { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly fault: JsonFault }

class Refused extends Error {
  readonly fault: JsonFault

  constructor(fault: JsonFault) {
    super(fault)
    this.fault = fault
  }
}

/**
 * Reads a JSON text so that no other reader can see something else in it (RFC 7493): a repeated name, a lone surrogate, a
 * number that no double can hold, a byte order mark and anything before or behind the value are refused.
 */
export function readJson(text: string, limits: JsonLimits): JsonReading {
  try {
    return { ok: true, value: new Reader(text, limits).whole() }
  } catch (error) {
    if (error instanceof Refused) return { ok: false, fault: error.fault }
    throw error
  }
}

const quote = 0x22
const backslash = 0x5c
const zero = 0x30
const nine = 0x39
const minus = 0x2d
const comma = 0x2c

const isDigit = (code: number): boolean => code >= zero && code <= nine

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

/** More digits than any id, counter or amount has; turning digits into a number costs more than linear time. */
const maxDigits = 64
/** So many digits are exact in a double. */
const safeDigits = 15

const nothing: JsonObject = new Map()
const none: readonly JsonValue[] = []

class Reader {
  readonly #text: string
  readonly #maxDepth: number
  #left: number
  #at = 0

  constructor(text: string, { maxDepth, maxValues }: JsonLimits) {
    this.#text = text
    this.#maxDepth = maxDepth
    this.#left = maxValues
  }

  whole(): JsonValue {
    this.#space()
    const value = this.#value(0)
    this.#space()
    if (this.#at !== this.#text.length) throw new Refused('not-json')
    return value
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.#at++
    }
  }

  #value(depth: number): JsonValue {
    if (--this.#left < 0) throw new Refused('too-many-values')
    const code = this.#text.charCodeAt(this.#at)
    if (code === quote) return this.#string()
    if (code === 0x7b) return this.#object(depth + 1)
    if (code === 0x5b) return this.#array(depth + 1)
    if (code === minus || isDigit(code)) return this.#number()
    if (this.#takes('true')) return true
    if (this.#takes('false')) return false
    if (this.#takes('null')) return null
    throw new Refused('not-json')
  }

  #takes(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false
    this.#at += word.length
    return true
  }

  /** Goes into an array or object. @returns whether it is empty, and then behind it */
  #enters(depth: number, end: number): boolean {
    if (depth > this.#maxDepth) throw new Refused('too-deep')
    this.#at++
    this.#space()
    if (this.#text.charCodeAt(this.#at) !== end) return false
    this.#at++
    return true
  }

  /** @returns whether another entry follows */
  #goesOn(end: number): boolean {
    this.#space()
    const code = this.#text.charCodeAt(this.#at++)
    if (code !== comma && code !== end) throw new Refused('not-json')
    this.#space()
    return code === comma
  }

  #array(depth: number): readonly JsonValue[] {
    if (this.#enters(depth, 0x5d)) return none
    const items: JsonValue[] = []
    do items.push(this.#value(depth))
    while (this.#goesOn(0x5d))
    return items
  }

  #object(depth: number): JsonObject {
    if (this.#enters(depth, 0x7d)) return nothing
    const members = new Map<string, JsonValue>()
    do {
      if (--this.#left < 0) throw new Refused('too-many-values')
      if (this.#text.charCodeAt(this.#at) !== quote) throw new Refused('not-json')
      const name = this.#string()
      this.#space()
      if (this.#text.charCodeAt(this.#at++) !== 0x3a) throw new Refused('not-json')
      this.#space()
      if (members.has(name)) throw new Refused('duplicate-name')
      members.set(name, this.#value(depth))
    } while (this.#goesOn(0x7d))
    return members
  }

  #string(): string {
    const text = this.#text
    const start = ++this.#at
    for (let at = start; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === quote) {
        this.#at = at + 1
        return text.slice(start, at)
      }
      if (code === backslash) return this.#escapedString(start, at)
      if (code < 0x20) break
    }
    throw new Refused('not-json')
  }

  /** @param at - of the first backslash */
  #escapedString(start: number, at: number): string {
    const text = this.#text
    let value = text.slice(start, at)
    this.#at = at
    for (;;) {
      const code = text.charCodeAt(this.#at)
      if (code === quote) break
      if (code === backslash) value += this.#escape()
      // Beyond the end the code is NaN.
      else if (code >= 0x20) value += text[this.#at++]
      else throw new Refused('not-json')
    }
    this.#at++
    if (!value.isWellFormed()) throw new Refused('lone-surrogate')
    return value
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1]
    if (letter === 'u') {
      const hex = this.#text.slice(this.#at + 2, this.#at + 6)
      if (!/^[0-9A-Fa-f]{4}$/.test(hex)) throw new Refused('not-json')
      this.#at += 6
      return String.fromCharCode(Number.parseInt(hex, 16))
    }
    const character = letter === undefined ? undefined : escapes.get(letter)
    if (character === undefined) throw new Refused('not-json')
    this.#at += 2
    return character
  }

  #number(): number | bigint {
    const text = this.#text
    const start = this.#at
    if (text.charCodeAt(start) === minus) this.#at++
    const first = this.#at
    const digits = this.#digits()
    if (digits === 0 || (digits > 1 && text.charCodeAt(first) === zero)) throw new Refused('not-json')
    const whole = this.#at
    this.#fraction()
    if (this.#at === whole) return integer(text.slice(start, whole), digits)
    const value = Number(text.slice(start, this.#at))
    if (!Number.isFinite(value)) throw new Refused('number')
    return value
  }

  #fraction(): void {
    if (this.#text[this.#at] === '.') {
      this.#at++
      if (this.#digits() === 0) throw new Refused('not-json')
    }
    if (this.#text[this.#at] !== 'e' && this.#text[this.#at] !== 'E') return
    this.#at++
    if (this.#text[this.#at] === '+' || this.#text[this.#at] === '-') this.#at++
    if (this.#digits() === 0) throw new Refused('not-json')
  }

  /** @returns how many there are */
  #digits(): number {
    const start = this.#at
    while (isDigit(this.#text.charCodeAt(this.#at))) this.#at++
    return this.#at - start
  }
}

function integer(token: string, digits: number): number | bigint {
  if (digits > maxDigits) throw new Refused('number')
  const value = Number(token)
  return digits <= safeDigits || Number.isSafeInteger(value) ? value : BigInt(token)
}
