import { describe, expect, it } from 'vitest'
import { regexMaking } from './regex.ts'

/** Ranges of characters that a class of Unicode has. */
function rangesOf(name: string): number {
  const pattern = new RegExp(`\\p{${name}}`, 'u')
  let ranges = 0
  let inside = false
  for (let code = 0; code <= 0x10_ffff; code++) {
    const belongs = pattern.test(String.fromCodePoint(code))
    if (belongs && !inside) ranges++
    inside = belongs
  }
  return ranges
}

describe('a class of Unicode', () => {
  it.each(['L', 'Lu', 'M', 'Mn', 'N', 'Nd', 'P', 'S', 'Z', 'C'])('%s counts at least by its ranges', (name) => {
    const character = regexMaking('a')
    const ranges = rangesOf(name)
    expect(regexMaking(`\\p{${name}}`) - character).toBeGreaterThan(ranges)
    expect(regexMaking(`\\P{${name}}`) - character).toBeGreaterThan(ranges)
    expect(regexMaking(`(?i)[^\\p{^${name}}]`) - character).toBeGreaterThan(2 * ranges)
  })
})
