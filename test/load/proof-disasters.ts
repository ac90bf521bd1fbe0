import { createReport } from '../support/report.ts'
import { disasterMethod, measureDisasters } from './quotaDisasters.ts'

/** What quotas come to while their store is in trouble. */
const report = createReport()
const seconds = 60
await measureDisasters(report, seconds)
await report.page(
  'docs/proofs/disasters.md',
  'Disasters of the store',
  `${disasterMethod(seconds)}\n\nRun it with \`make proof-disasters\`.`,
)
process.exitCode = report.ok() ? 0 : 1
