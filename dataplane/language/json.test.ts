import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isJsonArray, isJsonObject, readJson, type JsonValue } from './json.ts'

const limits = { maxDepth: 20, maxValues: 100_000 }

/** As `JSON.parse` would have it; own members alone. */
function plain(value: JsonValue): unknown {
  if (isJsonArray(value)) return value.map(plain)
  if (!isJsonObject(value)) return typeof value === 'bigint' ? Number(value) : value
  return Object.fromEntries([...value].map(([name, one]) => [name, plain(one)]))
}

const faultOf = (text: string): string | null => {
  const read = readJson(text, limits)
  return read.ok ? null : read.fault
}

describe('readJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), fc.boolean(), (text, spaced) => {
        const parsed: unknown = JSON.parse(text)
        const read = readJson(spaced ? JSON.stringify(parsed, null, 2) : text, limits)
        if (!read.ok) return !text.isWellFormed() || read.fault === 'lone-surrogate'
        expect(plain(read.value)).toEqual(parsed)
        return true
      }),
    )
  })

  it('refuses what JSON.parse refuses', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'{}[],:"\\u0e+-.1 truefalsn\n'.split('')), maxLength: 12 })
    fc.assert(
      fc.property(noise, (text) => {
        let valid = true
        try {
          JSON.parse(text)
        } catch {
          valid = false
        }
        return valid || faultOf(text) !== null
      }),
      { numRuns: 5000 },
    )
  })

  it.each([
    { text: '{"a":1,"a":2}', fault: 'duplicate-name' },
    { text: '{"a":1,"\\u0061":2}', fault: 'duplicate-name' },
    { text: '{"__proto__":1,"__proto__":2}', fault: 'duplicate-name' },
    { text: '"\\ud800"', fault: 'lone-surrogate' },
    { text: '{"\\udc00":1}', fault: 'lone-surrogate' },
    { text: '1e400', fault: 'number' },
    { text: '9'.repeat(65), fault: 'number' },
    { text: `${'['.repeat(21)}${']'.repeat(21)}`, fault: 'too-deep' },
    { text: '{"a":'.repeat(100_000), fault: 'too-deep' },
    { text: `[${'1,'.repeat(100_000)}1]`, fault: 'too-many-values' },
    { text: '\ufeff{}', fault: 'not-json' },
    { text: '{} {}', fault: 'not-json' },
    { text: '{}\0', fault: 'not-json' },
    { text: '', fault: 'not-json' },
    { text: ' ', fault: 'not-json' },
    { text: '[1,]', fault: 'not-json' },
    { text: '{"a":1,}', fault: 'not-json' },
    { text: '01', fault: 'not-json' },
    { text: '1.', fault: 'not-json' },
    { text: '.5', fault: 'not-json' },
    { text: '+1', fault: 'not-json' },
    { text: '1e', fault: 'not-json' },
    { text: 'NaN', fault: 'not-json' },
    { text: "{'a':1}", fault: 'not-json' },
    { text: '{a:1}', fault: 'not-json' },
    { text: '[1]// comment', fault: 'not-json' },
    { text: '"\t"', fault: 'not-json' },
    { text: '"\\x41"', fault: 'not-json' },
    { text: '"\\u00g0"', fault: 'not-json' },
    { text: '"a', fault: 'not-json' },
    { text: '"a\\', fault: 'not-json' },
    { text: '"\\u00', fault: 'not-json' },
    { text: '\u00a01', fault: 'not-json' },
  ])('refuses $text', ({ text, fault }) => {
    expect(faultOf(text)).toBe(fault)
  })

  it('takes any name as data', () => {
    const read = readJson('{"__proto__":{"admin":true},"constructor":1}', limits)
    expect(read.ok && isJsonObject(read.value) && [...read.value.keys()]).toEqual(['__proto__', 'constructor'])
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  it('keeps integers that a double cannot hold', () => {
    expect(readJson('[9007199254740993,-0,1.0,123456789012345]', limits)).toEqual({
      ok: true,
      value: [9007199254740993n, -0, 1, 123456789012345],
    })
  })
})
