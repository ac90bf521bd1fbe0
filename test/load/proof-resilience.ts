import { createReport, type Report } from '../support/report.ts'
import { breakerScenario } from './resilience/breaker.ts'
import { ejectionScenario } from './resilience/ejection.ts'
import { retriesScenario } from './resilience/retries.ts'
import { sheddingScenario } from './resilience/shedding.ts'
import { slowStartScenario } from './resilience/slowStart.ts'

/** What becomes of clients and of backends when backends fail, come, or get too much. */
const small = process.argv.includes('--small')
const scenarios: Readonly<Record<string, (report: Report) => Promise<void>>> = {
  breaker: (report) => breakerScenario(report, small ? { openFor: 2000, rounds: 2 } : { openFor: 3000, rounds: 5 }),
  retries: (report) =>
    retriesScenario(report, small ? { clients: 40, milliseconds: 1000 } : { clients: 100, milliseconds: 10_000 }),
  ejection: (report) =>
    ejectionScenario(report, small ? { ejectFor: 2000, requests: 150 } : { ejectFor: 5000, requests: 1500 }),
  'slow-start': (report) =>
    slowStartScenario(
      report,
      small ? { slowStart: 3000, parts: 3, tolerance: 5 } : { slowStart: 30_000, parts: 10, tolerance: 3 },
    ),
  shedding: (report) => sheddingScenario(report, { requests: small ? 50 : 1000 }),
}

// Names of scenarios, to look at some of them alone; the page is of all.
const only = process.argv.slice(2).filter((name) => name !== '--small')
const report = createReport()
for (const [name, scenario] of Object.entries(scenarios))
  if (only.length === 0 || only.includes(name)) await scenario(report)
const method = `A data plane process before backends that a script tells what to do, and that record what comes. Run it with \`make proof-resilience\`.

- **breaker**: a backend answers 500. The circuit (50 % of at least 20 requests) opens, stays open for three seconds, and is half open five times before the backend recovers; a probe is also left without an answer while fifty others ask. Then 32 clients at once ask another rule of a failing backend, whose requests under way when it opens have left already; and a third rule has answers that are good and slower than \`slowCall\`.
- **retries**: a hundred clients ask one after the other of a backend that answers 503 to everything after 50 ms, by rules with three more attempts. \`usual\` has the default pause (50 ms) and budget (20 %); \`brisk\` pauses for 10 ms, and since 20 % of what is under way may be retries, the backend gets at most 1/(1 − 0.2) of what clients ask; \`unbounded\` has a budget of 100 %. Then one of twenty answers is 503.
- **ejection**: one of five endpoints answers 503, resets, or hangs until \`backendRequest\`; five failures in a row eject it. Its share of the requests, and what clients see: one after the other, with retries, and twenty at once. It comes back failing, is away for twice as long, and has its share again once it is well. Of three that fail, only as many are ejected as \`maxEjectionPercent\` (40) lets; with 100 there, three of five leave fewer healthy ones than \`panicThresholdPercent\` (50), so all get requests again.
- **slow-start**: to four endpoints comes a fifth, which has its fifth of the requests after 30 s. In each tenth of that time its share should be as much of this fifth as has passed of the time; with 1,200 requests in a tenth, chance alone moves it by 0.7 % of all.
- **shedding**: requests of 12 KiB wait at a backend until three quarters of a heap of 64 MiB are in use; a thousand more are asked for meanwhile, and then the backend answers.`
if (!small && only.length === 0) await report.page('docs/proofs/resilience.md', 'When backends fail', method)
process.exit(report.ok() ? 0 : 1)
