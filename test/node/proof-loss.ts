import { createReport } from '../support/report.ts'
import { proveLoss } from './loss.ts'
import { withRelease } from './withRelease.ts'

const method =
  'One node with a real kubelet, containerd and kube-proxy on two cores; two controllers and two data planes by the chart, ' +
  'two backends. A client on the node asks 200 times a second through the Service, half over kept TLS connections and ' +
  'half over new ones, while uploads and downloads of 15 s run one after the other; it repeats nothing, and what does not ' +
  'come back whole with 200 is lost. Each row is one disturbance, repeated until there were 30,000 requests. ' +
  '`make proof-loss` repeats it.'

// Names of disturbances, to look at some of them alone; the page is of all.
const only = process.argv.length > 2 ? process.argv.slice(2) : null
const report = createReport()
await withRelease((node, target) =>
  proveLoss(node, target, { rate: 200, requests: 30_000, transfer: 15_000, only }, report),
)
if (only === null)
  await report.page('docs/proofs/loss.md', 'Requests lost while a cluster does what clusters do', method)
process.exitCode = report.ok() ? 0 : 1
