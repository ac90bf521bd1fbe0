import { describe, expect, it } from 'vitest'
import { atOnce, inSlices, type Steps } from './slices.ts'

describe('work in steps', () => {
  let time = 0
  function* steps(count: number): Steps<number> {
    for (let step = 0; step < count; step++) {
      time++
      yield
    }
    return count
  }

  it('comes to the same with rests and without', async () => {
    expect(atOnce(steps(20))).toBe(20)
    expect(await inSlices(steps(20), () => time)).toBe(20)
  })

  it('rests when it has worked for a few milliseconds', async () => {
    let turns = 0
    let done = false
    const count = (): void => {
      turns++
      if (!done) setImmediate(count)
    }
    setImmediate(count)
    await inSlices(steps(50), () => time)
    done = true
    expect(turns).toBeGreaterThanOrEqual(9)
  })

  it('fails as the work fails', async () => {
    function* failing(): Steps<number> {
      yield
      throw new Error('broken')
    }
    await expect(inSlices(failing(), () => time)).rejects.toThrow('broken')
  })
})
