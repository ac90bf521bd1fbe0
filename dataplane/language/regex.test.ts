import { describe, expect, it } from 'vitest'
import { regexOf } from './regex.ts'

describe('regexOf', () => {
  it.each([
    { pattern: 'a+', text: 'aaa', all: true, some: true },
    { pattern: 'a+', text: 'xaax', all: false, some: true },
    { pattern: '(?i)^É$', text: 'é', all: true, some: true },
    { pattern: 'a|ab', text: 'ab', all: true, some: true },
    { pattern: '.', text: '\n', all: false, some: false },
  ])('matches $pattern with $text', ({ pattern, text, all, some }) => {
    const regex = regexOf(pattern)
    expect({ all: regex?.matchesAll(text), some: regex?.finds(text) }).toEqual({ all, some })
  })

  it.each(['(', '(?=a)', '(a)\\1', 'a{2000}', 'a'.repeat(1025), '((a?){50}){50}', '\\pL'.repeat(17)])(
    'knows that %s is none',
    (pattern) => {
      expect(regexOf(pattern)).toBeNull()
    },
  )

  it('takes no more than linear time where a backtracking engine takes exponential', () => {
    const started = performance.now()
    expect(regexOf('(a+)+$')?.finds(`${'a'.repeat(20_000)}b`)).toBe(false)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})
