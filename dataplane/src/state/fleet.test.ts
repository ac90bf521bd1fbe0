import { describe, expect, it } from 'vitest'
import { createFleet } from './fleet.ts'

describe('createFleet', () => {
  it('gives each data plane the whole units of its share, and at least one', () => {
    const fleet = createFleet()
    fleet.adopt({ dataPlanes: 3 })
    expect([10, 9, 3, 2, 1].map((limit) => fleet.share(limit))).toEqual([3, 3, 1, 1, 1])
  })

  it('gives the least as long as nobody could say how many there are', () => {
    const fleet = createFleet()
    expect(fleet.share(1000)).toBe(1)
    fleet.adopt(null)
    expect(fleet.share(1000)).toBe(1)
  })

  it('is alone where nobody says anything, and otherwise keeps what was said', () => {
    const fleet = createFleet()
    fleet.adopt(undefined)
    expect(fleet.share(1000)).toBe(1000)
    fleet.adopt({ dataPlanes: 4 })
    fleet.adopt(undefined)
    fleet.adopt(null)
    expect(fleet.share(1000)).toBe(250)
    fleet.adopt({ dataPlanes: 2 })
    expect([fleet.share(1000), fleet.dataPlanes]).toEqual([500, 2])
  })
})
