import { describe, expect, it } from 'vitest'
import { createPlaces } from './places.ts'

const limits = { max: 1, pending: 2 }

describe('places', () => {
  it('are handed on in the order in which they were asked for', () => {
    const places = createPlaces()
    const order: string[] = []
    const first = places.enter('a', limits)!
    const second = places.enter('a', limits)!
    const third = places.enter('a', limits)!
    second.wait(() => order.push('second'))
    third.wait(() => order.push('third'))
    expect([first.taken, second.taken, places.enter('a', limits)]).toEqual([true, false, null])
    first.release()
    first.release()
    expect([order, places.waiting()]).toEqual([['second'], 1])
    second.release()
    expect([order, places.waiting()]).toEqual([['second', 'third'], 0])
  })

  it('of one who leaves the line go to nobody', () => {
    const places = createPlaces()
    const first = places.enter('a', limits)!
    const second = places.enter('a', limits)!
    second.wait(() => expect.unreachable())
    second.release()
    first.release()
    expect(places.enter('a', limits)?.taken).toBe(true)
  })

  it('are counted anew for whoever comes while the last is given back', () => {
    const places = createPlaces()
    const first = places.enter('a', limits)!
    const second = places.enter('a', limits)!
    second.wait(() => {
      second.release()
      expect(places.enter('a', limits)?.taken).toBe(true)
    })
    first.release()
    expect(places.enter('a', limits)?.taken).toBe(false)
  })
})
