import fc from 'fast-check'
import { expect, it } from 'vitest'
import { headersOf } from '../support/agreement/credentials.ts'
import { decidedOf, explainer } from '../support/agreement/explained.ts'
import { change } from '../support/agreement/pairs.ts'
import { policySets, promoted, requests, type PolicySet } from '../support/agreement/sets.ts'
import { worldOf } from '../support/agreement/world.ts'
import { compiled } from '../support/compiled.ts'
import { createIssuer, type Issuer } from '../support/issuer.ts'

const asked = (set: PolicySet, issuer: Issuer) =>
  explainer(compiled(worldOf(set, issuer), { ages: 'FromMetadata' }).resources, issuer.issuer)

it('comes to what a trial said, once everything in Shadow is enforced', async () => {
  const [issuer, stranger] = [await createIssuer({ algorithm: 'ES256' }), await createIssuer({ algorithm: 'ES256' })]
  const some = fc.array(requests, { minLength: 5, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(policySets([3, 4]), some, async (set, all) => {
      const [now, later] = [asked(set, issuer), asked(promoted(set), issuer)]
      try {
        for (const request of all) {
          const headers = await headersOf(request.shown, issuer, stranger)
          const [before, after] = [await now.explain(request, headers), await later.explain(request, headers)]
          const decided = decidedOf(after)
          expect(before.would?.outcome ?? 'same').toBe(change(decidedOf(before), decided))
          if (before.would === null) expect(decidedOf(before)).toEqual(decided)
          else {
            const { code, policy, item, level } = before.would
            if (before.check !== 'source-ip')
              expect({ code, policy, item, level }).toEqual({
                code: decided.code,
                policy: decided.policy,
                item: decided.item,
                level: decided.level,
              })
          }
        }
      } finally {
        now.close()
        later.close()
      }
    }),
    { numRuns: 150 },
  )
})
