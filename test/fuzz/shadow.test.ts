import fc from 'fast-check'
import { expect, it } from 'vitest'
import { headersOf } from '../support/agreement/credentials.ts'
import { decidedOf, explainer } from '../support/agreement/explained.ts'
import { change, levels } from '../support/agreement/pairs.ts'
import { policySets, promoted, requests, type PolicySet } from '../support/agreement/sets.ts'
import { worldOf } from '../support/agreement/world.ts'
import type { Explanation } from '../../dataplane/src/explain/explainer.ts'
import { compiled } from '../support/compiled.ts'
import { createIssuer, type Issuer } from '../support/issuer.ts'

const asked = (set: PolicySet, issuer: Issuer) =>
  explainer(compiled(worldOf(set, issuer), { ages: 'FromMetadata' }).resources, issuer.issuer)

/** What a request would come to; without a trial what it comes to. */
function said(explanation: Explanation, outcome: string = explanation.would?.outcome ?? 'same') {
  const { code, policy, item, level } = explanation.would ?? explanation
  return { outcome, code, policy, item, level }
}

it('comes to what a trial said, once everything in Shadow is enforced', async () => {
  const [issuer, stranger] = [await createIssuer({ algorithm: 'ES256' }), await createIssuer({ algorithm: 'ES256' })]
  const some = fc.array(requests, { minLength: 5, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(policySets(levels), some, async (set, all) => {
      const [now, later] = [asked(set, issuer), asked(promoted(set), issuer)]
      try {
        for (const request of all) {
          const headers = await headersOf(request.shown, issuer, stranger)
          const [before, after] = [await now.explain(request, headers), await later.explain(request, headers)]
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
