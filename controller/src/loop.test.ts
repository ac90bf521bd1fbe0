import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Loop } from './loop.ts'

const clock = { now: () => Date.now(), monotonic: () => performance.now() }

describe('Loop', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('runs at once when idle, but not before mark returns', () => {
    const task = vi.fn()
    new Loop(task, clock, 20).mark()
    expect(task).not.toHaveBeenCalled()
    vi.advanceTimersByTime(0)
    expect(task).toHaveBeenCalledTimes(1)
  })

  it('runs once for all that changed within the gap', () => {
    const task = vi.fn()
    const loop = new Loop(task, clock, 20)
    loop.mark()
    vi.advanceTimersByTime(1)
    for (let change = 0; change < 100; change++) loop.mark()
    vi.advanceTimersByTime(18)
    expect(task).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(2)
    expect(task).toHaveBeenCalledTimes(2)
    vi.advanceTimersByTime(1000)
    expect(task).toHaveBeenCalledTimes(2)
  })

  it('runs again for a change that the task itself makes', () => {
    const task = vi.fn(() => {
      if (task.mock.calls.length < 3) loop.mark()
    })
    const loop: Loop = new Loop(task, clock, 20)
    loop.mark()
    vi.advanceTimersByTime(100)
    expect(task).toHaveBeenCalledTimes(3)
  })

  it('does not run after close', () => {
    const task = vi.fn()
    const loop = new Loop(task, clock, 20)
    loop.mark()
    loop.close()
    loop.mark()
    vi.advanceTimersByTime(100)
    expect(task).not.toHaveBeenCalled()
  })
})
