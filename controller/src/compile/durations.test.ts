import { describe, expect, it } from 'vitest'
import { maxTimer } from '@gatehouse/contract'
import { milliseconds, timerOf } from './durations.ts'

describe('a duration', () => {
  it.each([
    ['0s', 0],
    ['500ms', 500],
    ['1m30s', 90_000],
    ['1h1m1s1ms', 3_661_001],
    ['99999h', 359_996_400_000],
    ['soon', 0],
  ])('%s is %d milliseconds', (text, wanted) => {
    expect(milliseconds(text)).toBe(wanted)
  })

  it('of a timer is cut to what a timer can run', () => {
    expect(timerOf('60s')).toBe(60_000)
    expect(timerOf('99999h')).toBe(maxTimer)
  })
})
