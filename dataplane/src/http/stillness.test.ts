import { describe, expect, it } from 'vitest'
import { Stillness } from './stillness.ts'

describe('stillness', () => {
  it('lasts as long as nothing moves', () => {
    const stillness = new Stillness()
    const [one, other] = [{}, {}]
    expect(stillness.lasted(one, 5, 1000)).toBe(0)
    expect(stillness.lasted(one, 5, 2500)).toBe(1500)
    expect(stillness.lasted(other, 5, 3000)).toBe(0)
    expect(stillness.lasted(one, 4, 3000)).toBe(0)
    expect(stillness.lasted(one, 4, 3001)).toBe(1)
    expect(stillness.lasted(one, null, 4000)).toBe(0)
    expect(stillness.lasted(one, 4, 5000)).toBe(0)
  })
})
