import { describe, expect, it } from 'vitest'
import { addressesWith, placesUpTo, seededRandom, tally } from './balancingFixture.ts'
import { hash32 } from './hash32.ts'
import { none } from './picker.ts'
import { consistentHash } from './consistentHash.ts'

const keys = Array.from({ length: 20_000 }, (_, index) => hash32(`user-${index}`))
const random = seededRandom()
const count = 20

/** Where each key goes among these places. */
const owners = (places: readonly number[]): number[] => {
  const pick = consistentHash(addressesWith([]))
  return keys.map((key) => pick(places, { random, key }))
}

describe('a key', () => {
  it('goes to the same place in every data plane, in whatever order places are known', () => {
    const places = placesUpTo(count)
    expect(owners(places)).toEqual(owners(places.toReversed()))
  })

  it('stays where it is when another place goes; those of that place spread over the rest', () => {
    const before = owners(placesUpTo(count))
    const after = owners(placesUpTo(count).filter((place) => place !== 7))
    const moved = after.filter((_, index) => before[index] === 7)
    before.forEach((owner, index) => owner === 7 || expect(after[index]).toBe(owner))
    expect(new Set(moved).size).toBe(count - 1)
  })

  it('moves only to a place that comes, and not more than its share', () => {
    const before = owners(placesUpTo(count))
    const after = owners(placesUpTo(count + 1))
    const moved = after.filter((owner, index) => owner !== before[index])
    expect(new Set(moved)).toEqual(new Set([count]))
    expect(moved.length / keys.length).toBeCloseTo(1 / (count + 1), 2)
  })

  it('is as likely to be of one place as of another', () => {
    const found = owners(placesUpTo(count))
    const counts = tally(found.length, count, () => found.pop()!)
    // A thousand each; five standard deviations.
    for (const share of counts) expect(Math.abs(share - keys.length / count)).toBeLessThan(160)
  })
})

describe('a place', () => {
  it('has at most a quarter more under way than the average, whatever the keys', () => {
    const inFlight = Array.from({ length: 10 }, () => 0)
    const pick = consistentHash(addressesWith(inFlight))
    for (let time = 0; time < 1000; time++) inFlight[pick(placesUpTo(10), { random, key: 42 })]! += 1
    expect(Math.max(...inFlight)).toBeLessThanOrEqual(126)
  })

  it('keeps its keys while few requests are under way', () => {
    const inFlight = Array.from({ length: 10 }, () => 0)
    const pick = consistentHash(addressesWith(inFlight))
    for (let time = 0; time < 8; time++) inFlight[pick(placesUpTo(10), { random, key: 42 })]! += 1
    expect(Math.max(...inFlight)).toBe(8)
    expect(inFlight.filter((busy) => busy > 0)).toHaveLength(1)
  })

  it('that can take no more gives its keys to others, and with the rest to nobody', () => {
    const [owner] = owners(placesUpTo(3))
    const inFlight = [0, 0, 0].map((_, place) => (place === owner ? Infinity : 0))
    const pick = consistentHash(addressesWith(inFlight))
    const second = pick(placesUpTo(3), { random, key: keys[0]! })
    expect([owner, none]).not.toContain(second)
    expect(consistentHash(addressesWith([Infinity, Infinity]))([0, 1], { random, key: 1 })).toBe(none)
  })
})

describe('a request without a key', () => {
  it('goes where fewer are under way', () => {
    const pick = consistentHash(addressesWith([5, 0]))
    expect(tally(100, 2, () => pick([0, 1], { random, key: null }))).toEqual([0, 100])
  })
})
