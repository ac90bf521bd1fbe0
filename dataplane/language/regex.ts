import { RE2JS } from 're2js'

/** A user's regular expression, made ready. Matching takes time linear in the text whatever the pattern (M14). */
export interface Regex {
  /** How many instructions it was compiled to: what one character costs at most, in steps of about 60 ns. */
  readonly size: number
  /** Whether the whole text matches. */
  matchesAll(text: string): boolean
  /** Whether some part of the text matches. */
  finds(text: string): boolean
}

/** Most characters of a pattern. */
const maxPattern = 1024
/** Most instructions of its program: repetitions make it larger than it looks. Each takes about a microsecond to make. */
const maxSize = 2000
/** Most classes of Unicode in it, such as `\\pL`: one takes about a hundred microseconds to make, and little text. */
const maxClasses = 16

const classes = /\\[pP]/g

/**
 * Compiles a pattern in the syntax of RE2 (https://github.com/google/re2/wiki/Syntax).
 *
 * @returns null when it is none, or too much
 */
export function regexOf(pattern: string): Regex | null {
  if (pattern.length > maxPattern || (pattern.match(classes)?.length ?? 0) > maxClasses) return null
  try {
    const compiled = RE2JS.compile(pattern)
    const size = compiled.programSize()
    if (size > maxSize) return null
    return { size, matchesAll: (text) => compiled.testExact(text), finds: (text) => compiled.test(text) }
  } catch {
    return null
  }
}
