import { describe, expect, it } from 'vitest'
import { purseOf } from './purse.ts'

describe('a purse', () => {
  it('pays until the limit, and for smaller things after one that did not fit', () => {
    const purse = purseOf(100, 0)
    expect([purse.pay(60), purse.pay(41), purse.pay(40), purse.pay(1)]).toEqual([true, false, true, false])
    expect(purse.spent()).toBe(100)
  })

  it('keeps a share that only refusals may use', () => {
    const purse = purseOf(100, 0.25)
    expect([purse.pay(76), purse.pay(75), purse.pay(1)]).toEqual([false, true, false])
    expect([purse.payRefusal(20), purse.payRefusal(6), purse.payRefusal(5)]).toEqual([true, false, true])
  })

  it('lets refusals use what content left', () => {
    const purse = purseOf(100, 0.25)
    expect([purse.payRefusal(90), purse.pay(11), purse.pay(10)]).toEqual([true, false, true])
  })

  it('pays once for what many use, and again after it was taken back', () => {
    const purse = purseOf(100, 0)
    expect([purse.payOnce('a', 40), purse.payOnce('a', 40), purse.spent()]).toEqual([true, true, 40])
    const mark = purse.mark()
    expect([purse.payOnce('b', 40), purse.pay(10), purse.spent()]).toEqual([true, true, 90])
    purse.undo(mark)
    expect([purse.payOnce('a', 40), purse.spent()]).toEqual([true, 40])
    expect([purse.payOnce('b', 61), purse.payOnce('b', 60)]).toEqual([false, true])
  })

  it('would have done the same under its demand as limit', () => {
    for (const steps of [[30, 30, 30], [75], [1, 74], [3]]) {
      const wide = purseOf(1000, 0.25)
      for (const bytes of steps) wide.pay(bytes)
      wide.payRefusal(7)
      const narrow = purseOf(wide.demand(), 0.25)
      expect(steps.map((bytes) => narrow.pay(bytes))).toEqual(steps.map(() => true))
      expect(narrow.payRefusal(7)).toBe(true)
    }
  })
})
