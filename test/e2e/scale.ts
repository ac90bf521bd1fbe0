import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Json } from '@gatehouse/contract'
import { listOf, member } from '../../controller/src/compile/raw.ts'
import { apiRequests, type ApiRequests } from '../apiserver/apiRequests.ts'
import { containerMemory } from '../support/containerMemory.ts'
import { startBackend } from '../support/backend.ts'
import { createReport, type Report } from '../support/report.ts'
import { startInstallation, type Installation } from './installation.ts'
import { manifests } from './manifests.ts'
import { dataplaneAddress, hostAddress } from './network.ts'
import { startProber, type Prober } from './prober.ts'
import type { Program } from './programs.ts'
import { createWorld, endpointsOf, slicePath, type WorldSize } from './scaleWorld.ts'
import { settledStatusWrites } from './statusWrites.ts'

/** How much is proved. */
export interface ScaleSize extends WorldSize {
  /** An even number, so that the route ends as it began. */
  readonly edits: number
  /** Endpoint changes a second, and for how many seconds. */
  readonly churn: { readonly rate: number; readonly seconds: number }
  /** Whether the limits of the full size apply. */
  readonly full: boolean
}

const host = 'probe.shop.example'
const gatehousePath = '/apis/gatehouse.dev/v1alpha1/namespaces/gatehouse-system/gatehouses/edge'
const probePath = '/apis/gatehouse.dev/v1alpha1/namespaces/shop/gatewayroutes/probe'
const megabyte = 1024 * 1024

/** Resident memory of a process, in MB. */
async function residentMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) * 1024) / megabyte
}

/** Number of series on a metrics page. */
async function seriesOf(address: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  request(`http://${address}/metrics`, (response) => {
    let text = ''
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    response.on('end', () => resolve(text))
  })
    .on('error', reject)
    .end()
  return (await promise).split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
}

const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0
}

/** One edit of the probed route. @returns milliseconds from sending it to the first new answer */
async function edit(api: ApiRequests, prober: Prober, kind: string): Promise<number> {
  const first = prober.first(kind)
  const started = performance.now()
  const rules = [{ name: 'all', backendRefs: [{ name: kind, port: 80 }] }]
  const { status } = await api.send('PATCH', probePath, { spec: { rules } })
  if (status !== 200) throw new Error(`the API server answered ${status} to an edit`)
  return (await first) - started
}

const isProgrammed = (object: Json): boolean => {
  const generation = member(member(object, 'metadata'), 'generation')
  return listOf(member(member(object, 'status'), 'conditions')).some(
    (condition) =>
      member(condition, 'type') === 'Programmed' &&
      member(condition, 'status') === 'True' &&
      member(condition, 'observedGeneration') === generation,
  )
}

/** Waits until every route and policy serves as it was written last. @returns milliseconds */
async function untilProgrammed(api: ApiRequests): Promise<number> {
  const started = performance.now()
  const allAre = async (plural: string): Promise<boolean> => {
    const { body } = await api.send('GET', `/apis/gatehouse.dev/v1alpha1/${plural}`)
    return listOf(body['items'] as Json).every(isProgrammed)
  }
  while (!((await allAre('gatewayroutes')) && (await allAre('accesspolicies')))) await pause(250)
  return performance.now() - started
}

/** Changes endpoints at a steady rate, and the probed route once a second. @returns the edits' times */
async function churn(
  api: ApiRequests,
  prober: Prober,
  size: ScaleSize,
  sample: () => Promise<void>,
): Promise<number[]> {
  const { rate, seconds } = size.churn
  const started = performance.now()
  const times: number[] = []
  const changes = (async () => {
    for (let done = 0; done < rate * seconds; done++) {
      const due = started + (done * 1000) / rate
      await pause(Math.max(0, due - performance.now()))
      const index = done % size.services
      const { status } = await api.send('PATCH', slicePath(index, size), {
        endpoints: endpointsOf(index, 1 + Math.floor(done / size.services), size),
      })
      if (status !== 200) throw new Error(`the API server answered ${status} to a change of endpoints`)
    }
  })()
  const edits = (async () => {
    for (let second = 0; second < seconds; second++) {
      await pause(Math.max(0, started + second * 1000 - performance.now()))
      times.push(await edit(api, prober, 'ba'[second % 2]!))
      await sample()
    }
  })()
  await Promise.all([changes, edits])
  return times
}

interface Programs {
  readonly controller: Program
  readonly dataplane: Program
}

/** By how much the last quarter of the samples lies above the second. */
function memoryTrend(samples: readonly number[]): number {
  const quarter = Math.max(1, Math.floor(samples.length / 4))
  const median = (values: readonly number[]): number => percentile(values, 0.5)
  return median(samples.slice(-quarter)) - median(samples.slice(quarter, 2 * quarter))
}

/** What the stages of the measurement share. */
interface Measuring {
  readonly installation: Installation
  readonly api: ApiRequests
  readonly size: ScaleSize
  readonly report: Report
}

/** A limit that only the full size has to keep. */
const atFullSize = (size: ScaleSize, atMost: number): { atMost: number } | null => (size.full ? { atMost } : null)

async function measureStart({ installation, api, size, report }: Measuring): Promise<Programs> {
  const started = performance.now()
  const objects = await createWorld(api, size, gatehousePath)
  report.line('scale.objects', objects, 'objects', null)
  report.line('scale.created', (performance.now() - started) / 1000, 's', null)
  report.line('scale.all-programmed', (await untilProgrammed(api)) / 1000, 's', null)
  const restarted = await installation.restart()
  report.line('scale.controller-ready', restarted.controllerReady / 1000, 's', null)
  report.line('scale.dataplane-ready', restarted.dataplaneReady / 1000, 's', atFullSize(size, 5))
  return restarted
}

/** @returns how many statuses had been written at its end */
async function measureEdits({ api, size, report }: Measuring, prober: Prober): Promise<number> {
  await untilProgrammed(api)
  const before = await settledStatusWrites(api)
  const times: number[] = []
  for (let index = 0; index < size.edits; index++) times.push(await edit(api, prober, 'ba'[index % 2]!))
  await untilProgrammed(api)
  const after = await settledStatusWrites(api)
  report.line('scale.edit-p50', percentile(times, 0.5), 'ms', atFullSize(size, 50))
  report.line('scale.edit-p99', percentile(times, 0.99), 'ms', atFullSize(size, 150))
  report.line('scale.edit-status-writes', (after - before) / times.length, 'writes/edit', { atMost: 1 })
  return after
}

interface Churned {
  readonly prober: Prober
  readonly programs: Programs
  /** Statuses that had been written before. */
  readonly before: number
}

async function measureChurn(measuring: Measuring, { prober, programs, before }: Churned): Promise<void> {
  const { api, size, report } = measuring
  const memory: { controller: number[]; dataplane: number[] } = { controller: [], dataplane: [] }
  const times = await churn(api, prober, size, async () => {
    memory.controller.push(await residentMemory(programs.controller.pid))
    memory.dataplane.push(await residentMemory(programs.dataplane.pid))
  })
  await untilProgrammed(api)
  const writes = (await settledStatusWrites(api)) - before
  report.line('scale.churn-edit-p50', percentile(times, 0.5), 'ms', atFullSize(size, 50))
  report.line('scale.churn-edit-p99', percentile(times, 0.99), 'ms', atFullSize(size, 150))
  report.line('scale.churn-status-writes', writes / times.length, 'writes/edit', { atMost: 1 })
  for (const [name, limit] of [
    ['controller', 400],
    ['dataplane', 250],
  ] as const) {
    report.line(`scale.${name}-memory`, Math.max(...memory[name]), 'MB', atFullSize(size, limit))
    report.line(`scale.${name}-memory-trend`, memoryTrend(memory[name]), 'MB', atFullSize(size, 20))
  }
}

async function measure(measuring: Measuring): Promise<void> {
  const { installation, report } = measuring
  const programs = await measureStart(measuring)
  const ca = installation.authority.certificate
  const kinds = new Set(['a', 'b'])
  const prober = startProber({ address: dataplaneAddress(0), host, ca, interval: 5, kinds, initial: 'a' })
  const before = await measureEdits(measuring, prober)
  await measureChurn(measuring, { prober, programs, before })
  await prober.close()
  report.line('scale.third-answers', prober.third(), 'answers', { exactly: 0 })
  const series = await seriesOf(`${dataplaneAddress(0)}:9090`)
  report.line('scale.dataplane-series', series, 'series', { atMost: 1000 })
}

/** Measures one controller and one data plane with a large world. Runs inside namespace.sh only. */
export async function proveScale(size: ScaleSize, report: Report): Promise<void> {
  const backends = await Promise.all(['a', 'b'].map(() => startBackend(undefined, hostAddress)))
  backends.forEach((backend, index) => backend.respond((_request, response) => response.end('ab'[index])))
  const installation = await startInstallation(1, containerMemory)
  const api = apiRequests(installation.api)
  const { service, route, policy, anyone } = manifests
  try {
    await installation.apply(['a', 'b'].flatMap((name, index) => service(name, [backends[index]!.port])))
    const rules = [{ name: 'all', backendRefs: [{ name: 'a', port: 80 }] }]
    await installation.apply([route('probe', rules), policy('probe', anyone)])
    await installation.wait('gatewayroute/probe', 'Programmed')
    await measure({ installation, api, size, report })
  } finally {
    api.close()
    await installation.close()
    await Promise.all(backends.map((backend) => backend.close()))
  }
}

const method =
  'One controller and one data plane run as processes beside a real etcd and kube-apiserver on the same two cores: 5,000 ' +
  'routes and as many policies (half ask for an API key), 1,000 Services with 10,000 endpoints and 2,000 Secrets in 50 ' +
  'namespaces. Both have the memory that Node takes in a container limited to 512 MiB, as the chart limits them ' +
  `(\`${containerMemory}\`). Ready is the time from starting a process to its first snapshot. One route is edited again ` +
  'and again; an edit lasts from sending it to the first new answer of the data plane, which is asked every 5 ms over ' +
  'TLS. Then endpoints change 50 times a second for five minutes, with an edit each second. Status writes are counted by ' +
  'the API server. A memory trend is the median of the last quarter less that of the second. `make proof-scale` repeats it.'

if (import.meta.main) {
  const report = createReport()
  const world = { namespaces: 50, routes: 5000, services: 1000, endpoints: 10_000, secrets: 2000 }
  await proveScale({ ...world, edits: 200, churn: { rate: 50, seconds: 300 }, full: true }, report)
  await report.page('docs/scale.md', 'A large installation', method)
  process.exitCode = report.ok() ? 0 : 1
}
