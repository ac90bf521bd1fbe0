import { describe, expect, it } from 'vitest'
import { hasTwins } from './jsonTwins.ts'

describe('hasTwins', () => {
  it.each([
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"a":1 , "a"\n:2}',
    '{"b":{"a":1,"a":1}}',
    '{"b":[{},{"a":1,"c":{},"a":1}]}',
    '{"__proto__":1,"__proto__":2}',
    '{"":1,"":2}',
    '{"a\\"":1,"a\\"":2}',
  ])('%s', (text) => {
    expect(JSON.parse(text)).toBeDefined()
    expect(hasTwins(text)).toBe(true)
  })

  it.each([
    '{}',
    '{"a":1,"A":2}',
    '{"a":"a","b":["a","a"]}',
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":1}]',
    '{"a":"\\"a\\":1,\\"a\\":2"}',
    '{"a":"{\\"a\\":1","b":"}"}',
    '{"a":"\\\\","b":1}',
  ])('not %s', (text) => {
    expect(JSON.parse(text)).toBeDefined()
    expect(hasTwins(text)).toBe(false)
  })

  it.each([`"${'\\\\'.repeat(500_000)}"`, '['.repeat(5000) + ']'.repeat(5000), `"a"${' '.repeat(1_000_000)}`])(
    'costs no more than its length',
    (text) => {
      const started = performance.now()
      expect(hasTwins(text)).toBe(false)
      expect(performance.now() - started).toBeLessThan(1000)
    },
  )
})
