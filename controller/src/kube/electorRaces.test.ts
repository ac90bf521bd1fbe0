import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Candidate, closeAll, Cluster, time, type Fate } from './electorFixture.ts'

beforeEach(() => time.begin())
afterEach(() => time.end())

describe('whatever befalls three candidates', () => {
  const spoiled = fc.record({
    who: fc.nat(2),
    at: fc.nat(60_000),
    fate: fc.constantFrom<Fate>('down', 'hang', 'lost'),
    for: fc.integer({ min: 100, max: 15_000 }),
  })

  /** Once: who deletes a Lease again before everybody has seen the new one has two leaders until the first notices. */
  const deleted = fc.option(fc.nat(600).map((tenths) => tenths * 100))

  it('at most one leads at a time, and each leadership has a higher term', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(spoiled, { maxLength: 12 }), deleted, async (plan, deletedAt) => {
        const cluster = new Cluster()
        const all = ['a', 'b', 'c'].map((name) => new Candidate(cluster, name).start())
        const terms: number[] = []
        for (let now = 0; now < 80_000; now += 100) {
          for (const event of plan.filter(({ at }) => Math.floor(at / 100) * 100 === now)) {
            const one = all[event.who]!
            one.fate = () => event.fate
            setTimeout(() => (one.fate = () => 'done'), event.for)
          }
          if (deletedAt === now) cluster.change(null)
          await time.pass(100)
          const leading = all.flatMap(({ term }) => term ?? [])
          expect(leading.length).toBeLessThanOrEqual(1)
          if (leading.length === 1 && terms.at(-1) !== leading[0]) terms.push(leading[0]!)
        }
        expect(terms).toEqual([...new Set(terms)].sort((x, y) => x - y))
        expect(all.some(({ term }) => term !== null)).toBe(true)
        await closeAll()
      }),
      { numRuns: 60 },
    )
  })
})
