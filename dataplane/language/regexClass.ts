/** A pattern that is read from left to right. */
export interface Reading {
  readonly pattern: string
  at: number
  /** Whether case counts for nothing somewhere in it. */
  readonly folds: boolean
  /** Steps that the classes read so far take to make. */
  classes: number
}

/** What a sticky expression finds here, and steps over it. */
export function taken(reading: Reading, form: RegExp): RegExpExecArray | null {
  form.lastIndex = reading.at
  const found = form.exec(reading.pattern)
  if (found !== null) reading.at = form.lastIndex
  return found
}

/** More ranges than any class of Unicode has, as RE2 knows it. */
const ofUnicode = 750
/** More than some of them have, or leave. */
const ofSmall: ReadonlyMap<string, number> = new Map([
  ['M', 340],
  ['N', 160],
  ['Nd', 80],
  ['P', 210],
  ['S', 260],
  ['Z', 12],
])
/** More than `\d`, `\w`, `[:alpha:]` and the like have, or what they leave. */
const ofPerl = 8
/** More ranges than all characters that have a case come to. */
const ofFolded = 1500
/** The first and the last character that have another case: RE2 goes through all of a range between them. */
const foldable = [0x41, 0x1_e943] as const
const foldedEachStep = 4
const largestOctal = 0o777
const largestAscii = 0x7f

const unicodeClass = /\\[pP](?:\{\^?([^}]{0,64})\}|([^{]))/uy
const perlClass = /\\[dDsSwW]/y
const posixClass = /\[:\^?[a-z]+:\]/y
const hexadecimal = /\\x(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{2}))/y
const escaped = /\\([\s\S])/uy
const character = /[\s\S]/uy

/** The class of Unicode or of Perl that stands here, as its number of ranges; null when there is none. */
export function classEscape(reading: Reading): number | null {
  const name = taken(reading, unicodeClass)
  if (name !== null) return made(reading, ofSmall.get(name[1] ?? name[2]!) ?? ofUnicode)
  return taken(reading, perlClass) === null ? null : made(reading, ofPerl)
}

function made(reading: Reading, ranges: number): number {
  reading.classes += reading.folds ? 2 * ranges : ranges
  return ranges
}

/** A single character, escaped or not: the lowest and the highest that it can be. Null at the end. */
export function oneCharacter(reading: Reading): readonly [number, number] | null {
  const found = taken(reading, hexadecimal)
  if (found !== null) {
    const code = Number.parseInt(found[1] ?? found[2]!, 16)
    return [code, code]
  }
  const meant = taken(reading, escaped)?.[1]
  if (meant !== undefined) return [0, /\d/.test(meant) ? largestOctal : largestAscii]
  const code = taken(reading, character)?.[0].codePointAt(0)
  return code === undefined ? null : [code, code]
}

function spanOf(reading: Reading): number | null {
  const from = oneCharacter(reading)
  if (from === null) return null
  const isRange = reading.pattern[reading.at] === '-' && reading.pattern[reading.at + 1] !== ']'
  if (isRange) reading.at += 1
  const to = isRange ? oneCharacter(reading) : from
  if (to === null) return null
  if (!reading.folds) return made(reading, 1)
  const width = isRange ? Math.max(0, Math.min(to[1], foldable[1]) - Math.max(from[0], foldable[0]) + 1) : 1
  reading.classes += Math.ceil(width / foldedEachStep)
  return made(reading, 1 + Math.min(to[1] <= largestAscii ? 4 : 4 * width, ofFolded))
}

/** A class in brackets, after the first of them. @returns its ranges; null when it does not end */
export function bracketClass(reading: Reading): number | null {
  let ranges = 1
  if (reading.pattern[reading.at] === '^') {
    reading.at += 1
    ranges += 1
  }
  for (let isFirst = true; isFirst || reading.pattern[reading.at] !== ']'; isFirst = false) {
    const named = taken(reading, posixClass) === null ? classEscape(reading) : made(reading, ofPerl)
    const more = named ?? spanOf(reading)
    if (more === null) return null
    ranges += more
  }
  reading.at += 1
  return ranges
}
