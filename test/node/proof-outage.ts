import { createReport } from '../support/report.ts'
import { proveOutage } from './outage.ts'
import { withRelease } from './withRelease.ts'

const method =
  'One node with a real kubelet, containerd and kube-proxy on two cores; two controllers and two data planes by the ' +
  'chart. The API server is stopped (SIGSTOP) and both controllers are killed, for two minutes, while a client asks one ' +
  'data plane 200 times a second. In the middle the other data plane is killed; it has to serve again from its last good ' +
  'snapshot. When the API server goes on, a route is edited: resync is the time from there to the new answer of both data ' +
  'planes. `make proof-outage` repeats it.'

const report = createReport()
await withRelease((node, target) => proveOutage(node, target, { seconds: 120, rate: 200, resync: 5 }, report))
await report.page('docs/proofs/outage.md', 'Without API server and controllers', method)
process.exitCode = report.ok() ? 0 : 1
