import { describe, expect, it } from 'vitest'
import { withDefaults, type Defaulted } from './defaults.ts'

const schema: Defaulted = {
  properties: {
    word: { default: 'a' },
    inner: { default: {}, properties: { number: { default: 1 } } },
    list: { items: { properties: { flag: { default: false } } } },
    map: { additionalProperties: { properties: { flag: { default: true } } } },
    bare: {},
  },
}

describe('withDefaults', () => {
  it('fills members from outside in, in lists and in maps', () => {
    expect(withDefaults(schema, { list: [{}, { flag: true }], map: { x: {} } })).toEqual({
      word: 'a',
      inner: { number: 1 },
      list: [{ flag: false }, { flag: true }],
      map: { x: { flag: true } },
    })
  })

  it('takes a null for an absent member', () => {
    expect(withDefaults(schema, { word: null, bare: null })).toEqual({ word: 'a', inner: { number: 1 } })
  })

  it('leaves alone what the schema does not know and what has another type', () => {
    const value = { word: 1, inner: 'text', list: {}, other: null }
    expect(withDefaults(schema, value)).toEqual(value)
  })
})
