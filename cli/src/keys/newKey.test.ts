import { describe, expect, it } from 'vitest'
import { hashOf, newKey } from './newKey.ts'

describe('newKey', () => {
  it('has the form that scanners look for', () => {
    const keys = Array.from({ length: 100 }, () => newKey())
    for (const key of keys) expect(key).toMatch(/^ghk_[0-9A-Za-z]{38}$/)
    expect(new Set(keys).size).toBe(100)
  })

  it('is made of random numbers alone, and checked by a checksum', () => {
    expect(newKey(() => 0)).toBe(`ghk_${'0'.repeat(32)}2wjyrI`)
    expect(newKey(() => 61)).toBe(`ghk_${'z'.repeat(32)}4W8LJS`)
  })

  it('is known by its SHA-256', () => {
    expect(hashOf('abc')).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })
})
