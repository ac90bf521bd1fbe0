import { describe, expect, it } from 'vitest'
import { PlacedList, type Placed } from './placedList.ts'

const thing = (): Placed => ({ place: -1 })

describe('a list of places', () => {
  it('gives the place of what has gone to what comes next', () => {
    const list = new PlacedList<Placed>()
    const [one, two, three] = [thing(), thing(), thing()]
    list.add(one)
    list.add(two)
    list.delete(one)
    expect([...list]).toEqual([two])
    list.add(three)
    expect(three.place).toBe(0)
    expect(list.size).toBe(2)
  })

  it('takes nothing out twice, nor what was never in it', () => {
    const list = new PlacedList<Placed>()
    const [one, two] = [thing(), thing()]
    list.add(one)
    list.delete(one)
    list.delete(one)
    list.delete(thing())
    list.add(two)
    expect([list.has(one), list.has(two), list.size]).toEqual([false, true, 1])
  })

  it('can be walked through while things leave', () => {
    const list = new PlacedList<Placed>()
    const things = [thing(), thing(), thing()]
    for (const one of things) list.add(one)
    const seen: Placed[] = []
    for (const one of list) {
      seen.push(one)
      for (const other of things) list.delete(other)
    }
    expect(seen).toEqual([things[0]])
  })
})
