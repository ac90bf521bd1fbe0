import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Alarms, type Alarm } from './alarms.ts'

beforeEach(() => void vi.useFakeTimers({ now: 0, toFake: ['setTimeout', 'clearTimeout', 'Date'] }))
afterEach(() => void vi.useRealTimers())

/** Says when it was woken. */
function sleeper() {
  const woken: number[] = []
  return { woken, wake: () => void woken.push(Date.now()) }
}

const takeAt = (alarms: Alarms, due: number, who: ReturnType<typeof sleeper>): Alarm =>
  alarms.take(due, Date.now(), who)

describe('Alarms', () => {
  it('wakes when it is due, and not before', () => {
    const one = sleeper()
    takeAt(new Alarms(), 100, one)
    vi.advanceTimersByTime(99)
    expect(one.woken).toEqual([])
    vi.advanceTimersByTime(1)
    expect(one.woken).toEqual([100])
  })

  it('wakes nobody who has given it back', () => {
    const [alarms, one] = [new Alarms(), sleeper()]
    alarms.give(takeAt(alarms, 100, one))
    vi.advanceTimersByTime(200)
    expect(one.woken).toEqual([])
  })

  it('lends a timer again to whom it does not wake too late, and sets none', () => {
    const [alarms, one, other] = [new Alarms(), sleeper(), sleeper()]
    alarms.give(takeAt(alarms, 100, one))
    vi.advanceTimersByTime(50)
    takeAt(alarms, 150, other)
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(50)
    expect([one.woken, other.woken]).toEqual([[], [100]])
  })

  it('sets a timer for whom the one that is there would wake too late', () => {
    const [alarms, one, other] = [new Alarms(), sleeper(), sleeper()]
    alarms.give(takeAt(alarms, 100, one))
    takeAt(alarms, 20, other)
    vi.advanceTimersByTime(20)
    expect(other.woken).toEqual([20])
  })

  it('lends none that has fired, whichever it was', () => {
    const alarms = new Alarms()
    const dues = [30, 10, 20]
    for (const alarm of dues.map((due) => takeAt(alarms, due, sleeper()))) alarms.give(alarm)
    vi.advanceTimersByTime(25)
    const [one, other] = [sleeper(), sleeper()]
    takeAt(alarms, 40, one)
    takeAt(alarms, 40, other)
    vi.advanceTimersByTime(100)
    expect([one.woken, other.woken]).toEqual([[30], [40]])
  })

  it('keeps no more timers than are worth it', () => {
    const alarms = new Alarms()
    const many = Array.from({ length: 1500 }, () => takeAt(alarms, 100, sleeper()))
    for (const alarm of many) alarms.give(alarm)
    expect(vi.getTimerCount()).toBe(1000)
  })
})
