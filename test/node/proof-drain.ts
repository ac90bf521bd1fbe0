import { createReport } from '../support/report.ts'
import { proveDrain } from './drain.ts'
import { withRelease } from './withRelease.ts'

const method =
  'One node with a real kubelet, containerd and kube-proxy on two cores; two data planes by the chart with its own times ' +
  '(10 s until the last load balancer knows, then 30 s for what runs). A client on the node has twenty WebSockets, twenty ' +
  'calls of gRPC and twenty downloads open at any time, over TLS through the Service, each on a connection of its own and ' +
  'for 20 s; it repeats nothing. Meanwhile both data planes are replaced three times, one after the other. A WebSocket is ' +
  'whole when each of its messages came back and both sides said goodbye, a call when all its messages and status 0 came, ' +
  'a download when its digest is right. Over a restart are those that began before it and ended after both data planes had ' +
  'been told to end. Twenty more WebSockets never end by themselves: they are cut when the time is over, and not before; ' +
  'seconds are counted from before the first restart. `make proof-drain` repeats it.'

const report = createReport()
await withRelease((node, { release }) =>
  proveDrain(node, release, { parallel: 20, milliseconds: 20_000, endless: 20, restarts: 3 }, report),
)
await report.page('docs/proofs/drain.md', 'What runs while a data plane ends', method)
process.exitCode = report.ok() ? 0 : 1
