import { Pool } from 'undici'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MirrorCall } from './mirrorCall.ts'

let pool: Pool
beforeEach(() => {
  vi.useFakeTimers()
  pool = new Pool('http://127.0.0.1:1')
})
afterEach(async () => {
  vi.useRealTimers()
  await pool.destroy()
})

function call() {
  const target = { pool, address: '127.0.0.1:1', inFlight: 0, ended: vi.fn() }
  const done = vi.fn()
  const abort = vi.fn()
  const controller = { aborted: false, paused: false, reason: null, abort, pause: () => {}, resume: () => {} }
  return { made: new MirrorCall(target, done), target, done, abort, controller }
}

describe('a copy on its way', () => {
  it('is cut off after its time, and gives its place back once', () => {
    const { made, target, done, abort, controller } = call()
    made.onRequestStart(controller)
    expect(target.inFlight).toBe(1)
    vi.advanceTimersByTime(9_999)
    expect(abort).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(abort).toHaveBeenCalledOnce()
    made.onResponseError()
    made.onResponseEnd()
    expect(target.inFlight).toBe(0)
    expect(done.mock.calls).toEqual([['late']])
  })

  it('that found no connection in its time spares the one that it gets', () => {
    const { made, abort, controller } = call()
    vi.advanceTimersByTime(10_000)
    expect(() => made.onRequestStart(controller)).toThrow('time')
    expect(abort).not.toHaveBeenCalled()
  })
})
