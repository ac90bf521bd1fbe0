import { expect, it } from 'vitest'
import { createBackoff } from './backoff.ts'

it('doubles up to the bound, and begins again after a success', () => {
  const backoff = createBackoff(100, 500, () => 1)
  expect([backoff.next(), backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([
    100, 200, 400, 500, 500,
  ])
  backoff.reset()
  expect(backoff.next()).toBe(100)
})

it('waits between half and all of the bound', () => {
  expect(createBackoff(100, 500, () => 0).next()).toBe(50)
  expect(createBackoff(100, 500, () => 0.5).next()).toBe(75)
})
