import { describe, expect, it } from 'vitest'
import { usableOf } from './usable.ts'

const all = [0, 1, 2, 3]
const healthy =
  (...places: number[]) =>
  (place: number): boolean =>
    places.includes(place)

describe('what gets requests', () => {
  it('is what is healthy', () => {
    expect(usableOf({ asked: all, near: all }, healthy(0, 2), 50)).toEqual([0, 2])
  })

  it('is everything when less than the threshold is healthy', () => {
    expect(usableOf({ asked: all, near: all }, healthy(0), 50)).toEqual(all)
    expect(usableOf({ asked: all, near: all }, healthy(0), 25)).toEqual([0])
    expect(usableOf({ asked: all, near: all }, healthy(0, 1, 2), 100)).toEqual(all)
  })

  it('is nothing without a threshold when nothing is healthy', () => {
    expect(usableOf({ asked: all, near: all }, healthy(), 0)).toEqual([])
    expect(usableOf({ asked: all, near: all }, healthy(), 1)).toEqual(all)
    expect(usableOf({ asked: [], near: [] }, healthy(), 50)).toEqual([])
  })

  it('is near while enough of what is near is healthy, and then whatever is healthy', () => {
    const near = [0, 1]
    expect(usableOf({ asked: all, near }, healthy(0, 1, 2, 3), 50)).toEqual(near)
    expect(usableOf({ asked: all, near }, healthy(0, 2, 3), 50)).toEqual([0])
    expect(usableOf({ asked: all, near }, healthy(2, 3), 50)).toEqual([2, 3])
    expect(usableOf({ asked: all, near }, healthy(0, 2, 3), 51)).toEqual([0, 2, 3])
    expect(usableOf({ asked: all, near }, healthy(2), 0)).toEqual([2])
  })
})
