import { setTimeout as pause } from 'node:timers/promises'
import { apiRequests, type ApiRequests } from '../apiserver/apiRequests.ts'
import { startBackend } from '../support/backend.ts'
import { createReport, type Report } from '../support/report.ts'
import { startInstallation, type Installation } from './installation.ts'
import { manifests } from './manifests.ts'
import { hostAddress } from './network.ts'
import { startProber, type Prober } from './prober.ts'

/** How much is proved. */
export interface PropagationSize {
  /** Routes that are there beside the one that is edited, each with a policy. */
  readonly routes: number
  readonly edits: number
  /** What 99 of 100 edits must keep to, in milliseconds; null at a size that says nothing about it. */
  readonly limit: number | null
}

const host = 'probe.shop.example'
const interval = 5
/** Answers that are looked at after each change, to see an old one among them. */
const afterwards = 10

const { service, route, policy, anyone } = manifests

const probeRoute = (kind: string) => route('probe', [{ name: 'all', backendRefs: [{ name: kind, port: 80 }] }])

async function load(installation: Installation, routes: number): Promise<void> {
  const batch = 50
  for (let from = 0; from < routes; from += batch) {
    const names = Array.from({ length: Math.min(batch, routes - from) }, (_, index) => `load-${from + index}`)
    const rules = [{ name: 'all', backendRefs: [{ name: 'a', port: 80 }] }]
    await installation.apply(names.flatMap((name) => [route(name, rules), policy(name, anyone)]))
  }
  await installation.apply([probeRoute('a'), policy('probe', anyone)])
  const everyRoute = ['-n', 'shop', 'wait', 'gatewayroute', '--all', '--for=condition=Programmed', '--timeout=120s']
  await installation.api.kubectl(everyRoute)
}

/** Edits once. @returns milliseconds from sending the edit to the first new answer of the slowest data plane */
async function edit(api: ApiRequests, probers: readonly Prober[], kind: string): Promise<number> {
  const firsts = probers.map((prober) => prober.first(kind))
  const path = '/apis/gatehouse.dev/v1alpha1/namespaces/shop/gatewayroutes/probe'
  const body = { spec: { rules: [{ name: 'all', backendRefs: [{ name: kind, port: 80 }] }] } }
  const started = performance.now()
  const { status } = await api.send('PATCH', path, body)
  if (status !== 200) throw new Error(`the API server answered ${status} to an edit`)
  const slowest = Math.max(...(await Promise.all(firsts)))
  const seen = probers.map((prober) => prober.answers())
  while (probers.some((prober, index) => prober.answers() < seen[index]! + afterwards)) await pause(interval)
  return slowest - started
}

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** Measures how long an edit takes to reach the slowest of three data planes. Runs inside namespace.sh only. */
export async function provePropagation(size: PropagationSize, report: Report): Promise<void> {
  const backends = await Promise.all(['a', 'b'].map(() => startBackend(undefined, hostAddress)))
  backends.forEach((backend, index) => backend.respond((_request, response) => response.end('ab'[index])))
  const installation = await startInstallation()
  const api = apiRequests(installation.api)
  try {
    await installation.apply(['a', 'b'].flatMap((name, index) => service(name, [backends[index]!.port])))
    await load(installation, size.routes)
    const ca = installation.authority.certificate
    const kinds = new Set(['a', 'b'])
    const probers = installation.addresses.map((address) =>
      startProber({ address, host, ca, interval, kinds, initial: 'a' }),
    )
    const times: number[] = []
    for (let index = 0; index < size.edits; index++) times.push(await edit(api, probers, 'ba'[index % 2]!))
    await Promise.all(probers.map((prober) => prober.close()))
    times.sort((a, b) => a - b)
    report.line('propagation.routes', size.routes, 'routes', null)
    report.line('propagation.edits', times.length, 'edits', { exactly: size.edits })
    report.line('propagation.answers', sum(probers.map((prober) => prober.answers())), 'answers', null)
    report.line('propagation.p50', percentile(times, 0.5), 'ms', null)
    report.line('propagation.p99', percentile(times, 0.99), 'ms', size.limit === null ? null : { atMost: size.limit })
    report.line('propagation.old-after-new', sum(probers.map((prober) => prober.stale())), 'answers', { exactly: 0 })
    report.line('propagation.third-kind', sum(probers.map((prober) => prober.third())), 'answers', { exactly: 0 })
  } finally {
    api.close()
    await installation.close()
    await Promise.all(backends.map((backend) => backend.close()))
  }
}

const method =
  'A controller and three data planes run as processes beside a real API server. One route is edited again and again, ' +
  'from one backend to another and back. Each data plane is asked every 5 ms over TLS. The time runs from sending the ' +
  'edit to the first new answer of the slowest data plane. `make proof-propagation` repeats it.'

if (import.meta.main) {
  const report = createReport()
  await provePropagation({ routes: 500, edits: 200, limit: 300 }, report)
  await report.page('docs/proofs/propagation.md', 'From an edit to the slowest data plane', method)
  process.exitCode = report.ok() ? 0 : 1
}
