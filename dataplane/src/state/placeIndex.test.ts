import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fingerprint } from './fingerprint.ts'
import { PlaceIndex } from './placeIndex.ts'

describe('PlaceIndex', () => {
  it('finds what was added and not removed, as a map does', () => {
    // Few values, so that many wish for the same slot.
    const half = fc.integer({ min: -4, max: 4 })
    const step = fc.record({ low: half, high: half, removes: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const index = new PlaceIndex()
        const places = new Map<string, number>()
        let last = 0
        for (const { low, high, removes } of steps) {
          const key = `${low} ${high}`
          const known = places.get(key)
          if (known === undefined) {
            index.add(++last, low, high)
            places.set(key, last)
          } else if (removes) {
            index.remove(known)
            places.delete(key)
          }
          for (let a = -4; a <= 4; a++)
            for (let b = -4; b <= 4; b++) expect(index.find(a, b)).toBe(places.get(`${a} ${b}`) ?? 0)
          expect(index.size).toBe(places.size)
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('Fingerprint', () => {
  const of = (text: string, secret = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7])) => {
    const fingerprint = new Fingerprint(secret)
    fingerprint.read(text)
    return [fingerprint.low >>> 0, fingerprint.high >>> 0]
  }

  it('differs for texts that are alike', () => {
    const texts = [
      '',
      '\0',
      '\0\0',
      'a',
      'a\0',
      'ab',
      'ba',
      'a\u0100',
      '\u0100a',
      ...Array.from({ length: 5000 }, (_, index) => `${index}`),
    ]
    expect(new Set(texts.map((text) => of(text).join())).size).toBe(texts.length)
  })

  it('spreads what differs in one character over all bits', () => {
    const bits = Array.from({ length: 64 }, () => 0)
    for (let n = 0; n < 1000; n++) {
      const [low = 0, high = 0] = of(`10.0.${n >> 8}.${n & 255}`)
      for (let bit = 0; bit < 32; bit++) {
        bits[bit]! += (low >>> bit) & 1
        bits[bit + 32]! += (high >>> bit) & 1
      }
    }
    for (const set of bits) expect(Math.abs(set - 500)).toBeLessThan(100)
  })

  it('is another with another secret', () => {
    expect(of('a')).not.toEqual(of('a', new Uint8Array(8)))
  })
})
