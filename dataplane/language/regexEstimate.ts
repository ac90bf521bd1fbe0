import { bracketClass, classEscape, oneCharacter, taken, type Reading } from './regexClass.ts'
import { characterShape, choice, copied, emptyShape, group, optional, repeated, sequence } from './regexShape.ts'
import type { Shape } from './regexShape.ts'

/** What a pattern comes to, at most. */
export interface RegexEstimate {
  /** Of its program. */
  readonly instructions: number
  /** What making it takes, in steps of about 0.1 microseconds; each stands for up to 60 bytes that stay. */
  readonly making: number
}

/** Most instructions of a program. */
export const maxInstructions = 1024
/** Most steps for making one: about 3 milliseconds, which nothing can interrupt. */
export const maxMaking = 30_000

/** What an expression takes whatever it says, and each of its instructions. */
const base = 160
const eachInstruction = 8
/** An anchored expression is looked at once more, and each range that is gathered then is written down. */
const gatheredEachStep = 4
/** What every program begins and ends with. */
const frame = 3

/** One open group. */
interface Level {
  readonly keeps: boolean
  /** What stands before the last bar; null = there was none. */
  before: Shape | null
  /** What stands after it, but for the last part, to which a repetition would apply. */
  parts: Shape | null
  last: Shape | null
}

const levelOf = (keeps: boolean): Level => ({ keeps, before: null, parts: null, last: null })

const joined = (a: Shape | null, b: Shape | null): Shape | null =>
  a !== null && b !== null ? sequence(a, b) : (a ?? b)

const ended = (level: Level): Shape => {
  const branch = joined(level.parts, level.last) ?? emptyShape
  return level.before === null ? branch : choice(level.before, branch)
}

const anyCharacter = 2
/** Of one character with all its cases. */
const cases = 4

const quoted = /\\Q([\s\S]*?)(?:\\E|$)/y
const anchor = /\^|\\A/y
const emptyWidth = /\$|\\[bBz]/y
const named = /\(\?P?<[^>]*>/y
const flags = /\(\?[a-zA-Z-]*([:)])/y
const repetition = /(?:([*+?])|\{(0|[1-9]\d*)(,(0|[1-9]\d*)?)?\})\??/y
const folding = /\(\?[a-zA-Z-]*i/

/** Reads a pattern as RE2 does, except that it takes more than RE2. What it does not take, RE2 does not either. */
class Estimation {
  readonly #reading: Reading
  readonly #levels: Level[] = [levelOf(false)]
  #anchored = false
  #copies = 0

  constructor(pattern: string) {
    this.#reading = { pattern, at: 0, folds: folding.test(pattern), classes: 0 }
  }

  result(): RegexEstimate | null {
    const { pattern } = this.#reading
    while (this.#reading.at < pattern.length) if (!this.#step() || this.#isTooLarge()) return null
    const [only, ...open] = this.#levels
    if (only === undefined || open.length > 0) return null
    const shape = ended(only)
    const instructions = shape.instructions + frame
    const gathered = this.#anchored ? (shape.entry + shape.gathered) / gatheredEachStep : 0
    const making = Math.ceil(base + instructions * eachInstruction + this.#reading.classes + gathered)
    return instructions > maxInstructions || making > maxMaking ? null : { instructions, making }
  }

  /** Whether the group that is open is known to be too much already; the others are looked at when they end. */
  #isTooLarge(): boolean {
    const { parts, before } = this.#level
    const known = (parts?.instructions ?? 0) + (before?.instructions ?? 0)
    return known > maxInstructions || this.#reading.classes > maxMaking
  }

  get #level(): Level {
    return this.#levels.at(-1)!
  }

  #add(shape: Shape | null): boolean {
    if (shape === null) return false
    const level = this.#level
    level.parts = joined(level.parts, level.last)
    level.last = shape
    return true
  }

  #character(ranges: number | null): boolean {
    return this.#add(ranges === null ? null : characterShape(ranges))
  }

  #literals(count: number): boolean {
    for (let index = 0; index < count; index++) this.#character(this.#single)
    return true
  }

  get #single(): number {
    return this.#reading.folds ? cases : 1
  }

  #step(): boolean {
    const reading = this.#reading
    const repeats = taken(reading, repetition)
    if (repeats !== null) return this.#repeat(repeats)
    const quote = taken(reading, quoted)
    if (quote !== null) return this.#literals(quote[1]!.length)
    if (taken(reading, anchor) !== null) {
      this.#anchored = true
      return this.#add(emptyShape)
    }
    if (taken(reading, emptyWidth) !== null) return this.#add(emptyShape)
    const escape = classEscape(reading)
    if (escape !== null) return this.#character(escape)
    return this.#mark() ?? (oneCharacter(reading) !== null && this.#character(this.#single))
  }

  /** What one character alone says; null when it stands for itself. */
  #mark(): boolean | null {
    const reading = this.#reading
    const mark = reading.pattern[reading.at]!
    if (mark === '(') return this.#open()
    if (!'.[|)'.includes(mark)) return null
    reading.at += 1
    if (mark === '.') return this.#character(anyCharacter)
    if (mark === '[') return this.#character(bracketClass(reading))
    return mark === '|' ? this.#bar() : this.#close()
  }

  #open(): boolean {
    const reading = this.#reading
    if (taken(reading, named) !== null) return this.#levels.push(levelOf(true)) > 0
    const set = taken(reading, flags)
    if (set !== null) return set[1] === ')' || this.#levels.push(levelOf(false)) > 0
    reading.at += 1
    return reading.pattern[reading.at] !== '?' && this.#levels.push(levelOf(true)) > 0
  }

  #bar(): boolean {
    const level = this.#level
    level.before = ended(level)
    level.parts = level.last = null
    return true
  }

  #close(): boolean {
    const level = this.#levels.pop()
    if (level === undefined || this.#levels.length === 0) return false
    const inside = ended(level)
    return this.#add(level.keeps ? group(inside) : inside)
  }

  #repeat([, mark, min, range, max]: RegExpExecArray): boolean {
    const level = this.#level
    const { last } = level
    this.#copies += Math.max(Number(min ?? 1), Number(max ?? 1))
    if (last === null || this.#copies > 2 * maxInstructions) return false
    level.last = timesOf(last, mark, [min, range, max])
    return level.last !== null
  }
}

function timesOf(
  shape: Shape,
  mark: string | undefined,
  [min, range, max]: readonly (string | undefined)[],
): Shape | null {
  if (mark === '?') return optional(shape)
  if (mark !== undefined) return mark === '+' ? repeated(shape) : optional(repeated(shape))
  const most = range === undefined ? Number(min) : max === undefined ? null : Number(max)
  return copied(shape, [Number(min), most], maxInstructions)
}

/**
 * What a pattern of RE2 would be compiled to, told from its text in a fraction of the time.
 *
 * @returns null when that is too much, or the pattern is none
 */
export const regexEstimate = (pattern: string): RegexEstimate | null => new Estimation(pattern).result()
