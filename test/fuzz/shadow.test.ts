import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { headersOf } from '../support/agreement/credentials.ts'
import { decidedOf, explainer } from '../support/agreement/explained.ts'
import { change, levels } from '../support/agreement/pairs.ts'
import { gatherParties, type Parties } from '../support/agreement/parties.ts'
import { requests } from '../support/agreement/requests.ts'
import { policySets, promoted } from '../support/agreement/sets.ts'
import type { PolicySet } from '../support/agreement/shapes.ts'
import { worldOf } from '../support/agreement/world.ts'
import type { Explanation } from '../../dataplane/src/explain/explainer.ts'
import { compiled } from '../support/compiled.ts'

let parties: Parties
beforeAll(async () => {
  parties = await gatherParties()
})
afterAll(() => parties.close())

const asked = (set: PolicySet) =>
  explainer(compiled(worldOf(set, parties), { ages: 'FromMetadata' }).resources, parties)

/** What a request would come to; without a trial what it comes to. */
function said(explanation: Explanation, outcome: string = explanation.would?.outcome ?? 'same') {
  // Of a decision that stays, nobody says by whom it would be made.
  if (outcome === 'same') return { outcome }
  const { code, policy, item, level } = explanation.would ?? explanation
  return { outcome, code, policy, item, level }
}

it('comes to what a trial said, once everything in Shadow is enforced', async () => {
  const some = fc.array(requests, { minLength: 5, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(policySets(levels), some, async (set, all) => {
      const [now, later] = [asked(set), asked(promoted(set))]
      try {
        for (const request of all) {
          const headers = await headersOf(request, parties)
          const question = { request, headers, told: false }
          const [before, after] = [await now.explain(question), await later.explain(question)]
          // A trial asks no server that enforcement does not ask (M9).
          if (before.would?.outcome === 'unknown') expect(before.would.code).toBe('introspection-unavailable')
          else
            expect(said(before)).toEqual(said({ ...after, would: null }, change(decidedOf(before), decidedOf(after))))
        }
      } finally {
        now.close()
        later.close()
      }
    }),
    { numRuns: 150 },
  )
})
