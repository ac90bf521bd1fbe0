import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, it } from 'vitest'
import { regexEstimate } from './regexEstimate.ts'

const atom = fc.constantFrom(
  ...['a', 'K', 'é', '𝒳', '-', ',', '}', ' ', '.', '^', '$', '(?i)', '(?s-i)', '(?:)', '()', '\\A', '\\b', '\\z', '{'],
  ...[
    '\\d',
    '\\W',
    '\\pL',
    '\\p{^Greek}',
    '\\PN',
    '\\.',
    '\\x41',
    '\\x{10ffff}',
    '\\101',
    '\\0',
    '\\Qa*]\\E',
    '\\Q\\E',
  ],
  ...['[]a]', '[^]-]', '[a-z\\]]', '[[:alpha:][:^digit:]]', '[\\pL\\d-]', '[^\\x{80}-\\x{ff}]', '[\\101-\\777]', '[a'],
)
const times = fc.constantFrom(
  '*',
  '+',
  '?',
  '*?',
  '{3}',
  '{0}',
  '{2,}',
  '{0,4}',
  '{2,5}?',
  '{01}',
  '{,3}',
  '{7',
  '{12}',
)

const { pattern } = fc.letrec<{ pattern: string; part: string; group: string }>((tie) => ({
  pattern: fc
    .array(tie('part'), { minLength: 1, maxLength: 4 })
    .chain((parts) => fc.constantFrom('', '|', '||').map((bar) => parts.join(bar))),
  part: fc
    .tuple(fc.oneof({ depthSize: 'small', withCrossShrink: true }, atom, tie('group')), fc.option(times))
    .map(([one, repeats]) => one + (repeats ?? '')),
  group: fc
    .tuple(fc.constantFrom('(', '(?:', '(?i:', '(?P<name>', '(?<other>'), tie('pattern'))
    .map(([open, inside]) => `${open}${inside})`),
}))

/** Instructions of the program; null when RE2 takes no such pattern. */
function programOf(source: string): number | null {
  try {
    return RE2JS.compile(source).programSize()
  } catch {
    return null
  }
}

describe('what a regular expression is estimated at', () => {
  it('is never less than the instructions that RE2 makes of it', () => {
    const seen = { compiled: 0, estimated: 0 }
    fc.assert(
      fc.property(fc.oneof(pattern, fc.string({ unit: 'binary', maxLength: 40 })), (source) => {
        const estimate = regexEstimate(source)
        const real = programOf(source)
        if (real === null) return
        seen.compiled++
        if (estimate === null) return
        seen.estimated++
        expect(estimate.instructions).toBeGreaterThanOrEqual(real)
      }),
      { numRuns: 5_000 },
    )
    expect(seen.estimated).toBeGreaterThan(seen.compiled * 0.95)
  })
})
