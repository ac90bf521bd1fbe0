/**
 * What a part of a regular expression comes to once it is compiled. Every number is at least the real one, so that it can
 * be known without compiling. The way from one character to the next leads through instructions that take none (choices,
 * groups, anchors); when an expression is anchored, RE2 gathers in each of these the ranges of all that can come next.
 */
export interface Shape {
  readonly instructions: number
  /** Whether it is one character of a class: RE2 makes one class of two such choices. */
  readonly isCharacter: boolean
  /** Whether it can match without a character. */
  readonly nullable: boolean
  /** Ranges of the characters that it can begin with. */
  readonly first: number
  /** Ranges gathered, and instructions met, on all ways from its beginning to a character. */
  readonly entry: number
  /** Instructions on the ways from its beginning to its end that take no character. */
  readonly through: number
  /** How many of its characters it can end with. */
  readonly ends: number
  /** Instructions on the ways from each of these to its end, all together. */
  readonly leaving: number
  /** Ranges gathered within it after a character. */
  readonly gathered: number
}

const nothing = { isCharacter: false, nullable: true, first: 0, ends: 0, leaving: 0, gathered: 0 } as const

/** What matches the empty text: nothing between two bars, an anchor, a boundary. */
export const emptyShape: Shape = { ...nothing, instructions: 1, entry: 1, through: 1 }

/** One character of a class. */
export const characterShape = (ranges: number): Shape => ({
  instructions: 1,
  isCharacter: true,
  nullable: false,
  first: ranges,
  entry: 1,
  through: 0,
  ends: 1,
  leaving: 0,
  gathered: ranges,
})

/** One after the other. */
export const sequence = (a: Shape, b: Shape): Shape => ({
  instructions: a.instructions + b.instructions,
  isCharacter: false,
  nullable: a.nullable && b.nullable,
  first: a.first + (a.nullable ? b.first : 0),
  entry: a.entry + (a.nullable ? a.through * b.first + b.entry : 0),
  through: a.nullable && b.nullable ? a.through + b.through : 0,
  ends: b.ends + (b.nullable ? a.ends : 0),
  leaving: b.leaving + (b.nullable ? a.leaving + a.ends * b.through : 0),
  gathered: a.gathered + b.gathered + a.leaving * b.first + a.ends * b.entry,
})

/** One or the other. */
export function choice(a: Shape, b: Shape): Shape {
  const first = a.first + b.first
  if (a.isCharacter && b.isCharacter) return characterShape(first)
  const nullable = a.nullable || b.nullable
  return {
    instructions: a.instructions + b.instructions + 1,
    isCharacter: false,
    nullable,
    first,
    entry: a.entry + b.entry + first + 1,
    through: a.through + b.through + (nullable ? 1 : 0),
    ends: a.ends + b.ends,
    leaving: a.leaving + b.leaving,
    gathered: a.gathered + b.gathered,
  }
}

export const optional = (a: Shape): Shape => ({
  ...a,
  isCharacter: false,
  instructions: a.instructions + 1,
  nullable: true,
  entry: a.entry + a.first + 1,
  through: a.through + 1,
})

/** Once or more. */
export const repeated = (a: Shape): Shape => ({
  ...a,
  isCharacter: false,
  instructions: a.instructions + 1,
  entry: a.entry + (a.nullable ? (a.through + 1) * a.first + 1 : 0),
  through: a.nullable ? a.through + 1 : 0,
  leaving: a.leaving + a.ends * (a.through + 1),
  gathered: a.gathered + a.leaving * a.first + a.ends * (a.first + a.entry + 1),
})

/** A group whose text is kept. */
export const group = (a: Shape): Shape => ({
  ...a,
  isCharacter: false,
  instructions: a.instructions + 2,
  entry: a.entry + a.first + 2,
  through: a.nullable ? a.through + 2 : 0,
  leaving: a.leaving + a.ends,
})

/**
 * So many times: all are copied.
 *
 * @param max - null = no end
 * @returns null when it comes to more instructions than that
 */
export function copied(a: Shape, [min, max]: readonly [number, number | null], most: number): Shape | null {
  if (Math.max(min, max ?? 1) * a.instructions > most) return null
  if (max === null) return min === 0 ? optional(repeated(a)) : sequence(times(a, min - 1), repeated(a))
  if (max === 0) return emptyShape
  let rest: Shape | null = null
  for (let copy = min; copy < max; copy++) rest = optional(rest === null ? a : sequence(a, rest))
  if (rest === null) return times(a, min)
  return min === 0 ? rest : sequence(times(a, min), rest)
}

function times(a: Shape, count: number): Shape {
  let all: Shape = { ...nothing, instructions: 0, entry: 0, through: 0 }
  for (let copy = 0; copy < count; copy++) all = sequence(all, a)
  return all
}
