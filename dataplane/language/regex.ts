import { RE2JS } from 're2js'
import { maxInstructions, regexEstimate } from './regexEstimate.ts'

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

/**
 * Compiles a pattern in the syntax of RE2 (https://github.com/google/re2/wiki/Syntax). Nothing interrupts that, so what
 * would take milliseconds is refused unseen.
 *
 * @returns null when it is none, or too much
 */
export function regexOf(pattern: string): Regex | null {
  if (pattern.length > maxPattern || regexEstimate(pattern) === null) return null
  try {
    const compiled = RE2JS.compile(pattern)
    const size = compiled.programSize()
    if (size > maxInstructions) return null
    return { size, matchesAll: (text) => compiled.testExact(text), finds: (text) => compiled.test(text) }
  } catch {
    return null
  }
}

/**
 * What {@link regexOf} does at most for a pattern, in steps of about 0.1 microseconds; told from the text alone, so also
 * of one that turns out to be none.
 */
export const regexMaking = (pattern: string): number =>
  pattern.length > maxPattern ? 0 : (regexEstimate(pattern)?.making ?? 0)
