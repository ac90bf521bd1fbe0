import { describe, expect, it } from 'vitest'
import { decodedText, jsonOf, member, membersOf } from './raw.ts'
import { sameJson } from './memo.ts'

describe('readers of raw JSON', () => {
  it('see own members only', () => {
    expect(member({}, 'constructor')).toBeUndefined()
    expect(member({}, '__proto__')).toBeUndefined()
    expect(member(jsonOf('{"__proto__":1}'), '__proto__')).toBe(1)
    expect(member([1], '0')).toBeUndefined()
    expect(member(null, 'a')).toBeUndefined()
    expect(membersOf('text')).toEqual([])
  })

  it.each([
    ['aGk=', 'hi'],
    ['aGk', 'hi'],
    ['', ''],
    ['a-_k', undefined],
    ['/w==', undefined],
    [7, undefined],
  ])('decode %s', (base64, text) => {
    expect(decodedText(base64)).toBe(text)
  })
})

describe('sameJson', () => {
  it.each([
    [{ a: [1, { b: null }] }, { a: [1, { b: null }] }, true],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: 1, c: 2 }, { a: 1, b: 2 }, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [{}, [], false],
    [null, {}, false],
    ['1', 1, false],
    [{ toString: 1 }, { a: 1 }, false],
  ])('%j and %j: %s', (a, b, expected) => {
    expect(sameJson(a, b)).toBe(expected)
  })
})
