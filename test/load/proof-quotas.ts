import { createReport } from '../support/report.ts'
import { costMethod, measureCost } from './quotaCost.ts'
import { measureMemory } from './quotaMemory.ts'
import { measureStore, storeMethod } from './quotaStore.ts'

/** What quotas cost and hold, section by section: each measures into the one report and describes how. */
const report = createReport()
const costSizes = { rounds: 15, requests: 8000 }

const sections: readonly { readonly run: () => void | Promise<void>; readonly method: string }[] = [
  {
    run: () => measureMemory(report),
    method:
      '**Memory.** A million different callers, each with a name of 73 characters, take one unit each of ten counters. What the heap and its buffers hold more, after two full collections, is what the keys take.',
  },
  { run: () => measureStore(report, 60), method: storeMethod },
  { run: () => measureCost(report, costSizes), method: costMethod(costSizes) },
]

for (const { run } of sections) await run()
await report.page(
  'docs/proofs/quotas.md',
  'Quotas',
  [...sections.map(({ method }) => method), 'Run it with `make proof-quotas`.'].join('\n\n'),
)
process.exitCode = report.ok() ? 0 : 1
