import { agreement, sayings, trials, type Sayings, type Trial } from '../support/agreement/pairs.ts'
import { gatherParties } from '../support/agreement/parties.ts'
import { worldOf } from '../support/agreement/world.ts'
import { startBackend } from '../support/backend.ts'
import { startGateway } from '../support/gateway.ts'
import { createReport } from '../support/report.ts'
import { installationResource, listenerResource } from '../support/resources.ts'

/** A model, `gatehouse explain` and a live data plane decide about random pairs of policy set and request. */

const small = process.argv.includes('--small')
const sizes = small ? { sets: 20, each: 5 } : { sets: 200, each: 10 }
const seed = Number(process.env['GATEHOUSE_SEED'] ?? 20261125)

const parties = await gatherParties()
const backend = await startBackend()
const gateway = await startGateway([installationResource(), listenerResource()])

const counts = { pairs: 0, agreed: 0, allowed: 0, shadow: 0, shadowAgreed: 0, untried: 0, told: 0 }
const codes = new Map<string, number>()
/** What must not be so rare that it says nothing. */
const common = ['ambiguous-credential', 'config-invalid', 'forbidden', 'no-policy', 'unauthenticated']

function tell({ set, requests }: Trial, index: number, said: Sayings): void {
  console.error(JSON.stringify({ request: requests[index], ...said }, null, 2))
  console.error(worldOf(set, parties))
}

for (const trial of trials(sizes.sets, sizes.each, seed)) {
  for (const [index, said] of (await sayings(trial, { gateway, backend }, parties)).entries()) {
    const { now, later } = agreement(said)
    counts.pairs++
    if (now) counts.agreed++
    if (later === true) counts.shadowAgreed++
    if (later === 'untried') counts.untried++
    if (said.would.model !== 'same') counts.shadow++
    if (said.live.decision === 'allow') counts.allowed++
    const code = said.live.code ?? 'allowed'
    codes.set(code, (codes.get(code) ?? 0) + 1)
    if ((!now || !later) && counts.told++ < 2) tell(trial, index, said)
  }
}
await gateway.close()
await backend.close()
await parties.close()

const report = createReport()
const pairs = sizes.sets * sizes.each
report.line('pairs', counts.pairs, 'count', { exactly: pairs })
report.line('agreed', counts.agreed, 'count', { exactly: pairs })
report.line('shadow-agreed', counts.shadowAgreed, 'count', { exactly: pairs - counts.untried })
report.line('shadow-untried', counts.untried, 'count', { atMost: pairs / 20 })
report.line('allowed', counts.allowed, 'count', { atLeast: pairs / 20 })
report.line('changed-by-shadow', counts.shadow, 'count', { atLeast: pairs / 50 })
for (const code of common) report.line(code, codes.get(code) ?? 0, 'count', { atLeast: small ? 0 : pairs / 100 })

const method = `${sizes.sets} random sets of up to five AccessPolicies of all levels, ${sizes.each} random requests to each, seed ${seed}.
Policies have providers of five kinds (jwt, API keys, introspection with an endpoint of its own, client certificates,
anonymous), \`use\`, \`bounds\` with exemptions, Deny, Require and Allow with conditions, expressions, path templates and
\`unless\`, source addresses, and Shadow, as a whole and by rule. A slow model of M1 to M5 that shares no code with the
gateway and judges expressions as trees, \`gatehouse explain\` and a data plane that got the set over the push channel and
the request over a socket say what is decided, by which code, policy, item and level. shadow-agreed: they also agree on what
enforcing everything in Shadow would change, which the model finds out by enforcing it; shadow-untried: the data plane had
no time left to try. Run it with \`make proof-agreement\`.`
if (!small) await report.page('docs/proofs/agreement.md', 'Model, explain and data plane agree', method)
process.exit(report.ok() ? 0 : 1)
