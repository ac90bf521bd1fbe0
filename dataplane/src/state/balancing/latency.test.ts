import { describe, expect, it } from 'vitest'
import { Latency } from './latency.ts'

describe('a latency', () => {
  it('is not known before something was seen', () => {
    expect(new Latency().at(1000)).toBe(0)
  })

  it('rises at once to what is slower, and falls slowly to what is not', () => {
    const latency = new Latency()
    latency.observe(10, 0)
    latency.observe(500, 0)
    expect(latency.at(0)).toBe(500)
    latency.observe(10, 1000)
    expect(latency.at(1000)).toBeCloseTo(500 * Math.exp(-0.1) + 10 * (1 - Math.exp(-0.1)), 6)
  })

  it('comes to what it always is', () => {
    const latency = new Latency()
    latency.observe(500, 0)
    for (let now = 100; now <= 100_000; now += 100) latency.observe(20, now)
    expect(latency.at(100_000)).toBeCloseTo(20, 1)
  })

  it('fades while nothing is asked', () => {
    const latency = new Latency()
    latency.observe(1000, 5000)
    expect(latency.at(15_000)).toBeCloseTo(1000 / Math.E, 6)
  })
})
