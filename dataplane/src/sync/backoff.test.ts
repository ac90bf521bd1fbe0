import { describe, expect, it } from 'vitest'
import { backoffDelay } from './backoff.ts'

describe('backoffDelay', () => {
  const range = { min: 100, max: 10_000 }

  it('doubles from the least to the most', () => {
    expect([0, 1, 2, 6, 7, 1000].map((failures) => backoffDelay(failures, range, 1))).toEqual([
      100, 200, 400, 6400, 10_000, 10_000,
    ])
  })

  it('leaves half of it to chance', () => {
    expect(backoffDelay(3, range, 0)).toBe(400)
    expect(backoffDelay(3, range, 0.5)).toBe(600)
  })
})
