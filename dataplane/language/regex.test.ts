import { describe, expect, it } from 'vitest'
import { regexMaking, regexOf } from './regex.ts'
import { maxMaking } from './regexEstimate.ts'

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

  it.each(['(', '(?=a)', '(a)\\1', 'a{2000}', 'a'.repeat(1025)])('knows that %s is none', (pattern) => {
    expect(regexOf(pattern)).toBeNull()
  })

  const ideographs = (count: number) => Array.from({ length: count }, (_, at) => String.fromCharCode(0x4e00 + 2 * at))

  // Each took RE2 from 5 to 30 milliseconds.
  it.each([
    '[^a]{1,900}',
    '((a?){50}){50}',
    `[${'\\pL'.repeat(300)}]`,
    '(?i)[\\x{42}-\\x{10ffff}]',
    '^\\pL{1,450}$',
    '^(?:\\pL|1){400}$',
    `^[${ideographs(900).join('')}]{900}$`,
    `^(?:${ideographs(200).join('a|')}a)*$`,
    `${'(a{1000}'.repeat(100)}${'){0}'.repeat(100)}`,
  ])('refuses %s unseen', (pattern) => {
    expect(regexOf(pattern)).toBeNull()
    expect(regexMaking(pattern)).toBe(0)
  })

  it.each([
    '^/orders/[0-9]+$',
    '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
    '(?i)^[a-z0-9]{1,63}(\\.[a-z0-9]{1,63}){1,3}$',
    '^(?:[\\w.+-]+)@(?:[\\w-]+\\.)+[\\w]{2,10}$',
    '^\\pL{1,64}$',
    "^[\\p{L}0-9 .,'-]{1,64}$",
    '^\\w{1,256}$',
    '(?i)[^\\pL\\pN]{60}',
    'a{1000}',
  ])('takes %s', (pattern) => {
    expect(regexOf(pattern)).not.toBeNull()
    expect(regexMaking(pattern)).toBeLessThanOrEqual(maxMaking)
  })

  it('counts also what is found to be none only while it is compiled', () => {
    expect(regexMaking('\\pL(?P<a>b)(?P<a>c)')).toBeGreaterThan(750)
    expect(regexOf('\\pL(?P<a>b)(?P<a>c)')).toBeNull()
  })

  it('takes no more than linear time where a backtracking engine takes exponential', () => {
    const started = performance.now()
    expect(regexOf('(a+)+$')?.finds(`${'a'.repeat(20_000)}b`)).toBe(false)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})
