import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { seal, type SealedResource } from '@gatehouse/contract'
import { clientPool } from '../support/clientPool.ts'
import { createReport } from '../support/report.ts'
import {
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import type { Busyness } from './busyHost.ts'

/** What many routes cost a request, and how long the edit of one keeps requests waiting. */
const small = process.argv.includes('--small')
const sizes = small
  ? { hosts: 50, rounds: 2, requests: 300, edits: 5, crowd: 200 }
  : { hosts: 1000, rounds: 15, requests: 3000, edits: 40, crowd: 5000 }
const routesPerHost = 10
const report = createReport()

const backend = createServer((_, response) => response.end('ok'))
await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
const { port } = backend.address() as AddressInfo

const hostOf = (index: number): string => `host-${index}.shop.example`

/** One of many routes on one host. @param edition - of the route */
const crowdedRoute = (index: number, edition: number): SealedResource =>
  routeOn('crowded.shop.example', `/service-${index}/v${edition}`, `crowded-${index}`)

/** @param edition - of the route */
function routeAt(index: number, edition: number): SealedResource {
  const value = `/service-${index % routesPerHost}/v${edition}`
  return routeOn(hostOf(Math.floor(index / routesPerHost)), value, `route-${index}`)
}

function routeOn(hostname: string, value: string, name: string): SealedResource {
  const path = { type: 'PathPrefix' as const, value }
  const matches = [{ path, methods: ['GET'], headers: [], queryParams: [] }]
  return seal(routeResource([ruleTo('orders', { matches })], { hostnames: [hostname] }, name))
}

const base = [
  installationResource(),
  listenerResource(),
  ...upstreamResources('orders', [{ address: '127.0.0.1', port }]),
  policyResource(),
].map(seal)
const routes = (hosts: number): SealedResource[] =>
  Array.from({ length: hosts * routesPerHost }, (_, index) => routeAt(index, 0))

interface Measured {
  readonly served: ServedDataplane
  readonly hosts: number
  readonly folder: string
}

async function start(hosts: number): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-routes-'))
  const served = await startServedDataplane([...base, ...routes(hosts)], {
    entry: fileURLToPath(new URL('./busyHost.ts', import.meta.url)),
    environment: { GATEHOUSE_LAST_GOOD: folder },
  })
  return { served, hosts, folder }
}

function busyness({ served: { process: dataplane } }: Measured): Promise<Busyness> {
  return new Promise((resolve) => {
    dataplane.child.once('message', (answer) => resolve(answer as Busyness))
    dataplane.child.send('how busy')
  })
}

const few = await start(1)
const many = await start(sizes.hosts)

type Pool = ReturnType<typeof clientPool>
async function poolOf({ served }: Measured): Promise<Pool> {
  const pool = clientPool(await served.process.listener('http'), 16)
  served.process.discardLines()
  return pool
}
const pools = new Map([
  [few, await poolOf(few)],
  [many, await poolOf(many)],
])

/** @param spread - over how many hosts; all of their routes are asked in turn, and each must serve */
async function ask(measured: Measured, spread: number, count: number): Promise<void> {
  let left = count
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const index = (left * 7919) % (spread * routesPerHost)
      const headers = { host: hostOf(Math.floor(index / routesPerHost)) }
      const { status } = await pools.get(measured)!.get(`/service-${index % routesPerHost}/v0/x`, headers)
      if (status !== 200) throw new Error(`route ${index}: ${status}`)
    }
  }
  await Promise.all(Array.from({ length: 16 }, worker))
}

/** CPU time of a request, microseconds. */
async function cost(measured: Measured, spread: number): Promise<number> {
  await busyness(measured)
  await ask(measured, spread, sizes.requests)
  return (await busyness(measured)).cpu / sizes.requests
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

// Each route once, and its breaker and counters are there; they stay as long as the route does.
for (const each of [few, many]) await ask(each, each.hosts, sizes.hosts * routesPerHost)
const works = {
  few: { measured: few, spread: 1 },
  one: { measured: many, spread: 1 },
  all: { measured: many, spread: sizes.hosts },
}
const names = ['few', 'one', 'all'] as const
const costs = { few: [] as number[], one: [] as number[], all: [] as number[] }
for (let round = 0; round < sizes.rounds; round++) {
  // Turn by turn, and each first as often as the others.
  for (const step of [0, 1, 2]) {
    const name = names[(round + step) % 3]!
    const { measured, spread } = works[name]
    costs[name].push(await cost(measured, spread))
  }
}
const ratioOf = (name: 'one' | 'all'): number => median(costs[name].map((value, round) => value / costs.few[round]!))
report.line('cpu-per-request-ten-routes', median(costs.few), 'us', null)
report.line('one-host-of-many', ratioOf('one'), 'ratio', small ? null : { atMost: 1.05 })
report.line('all-hosts-in-turn', ratioOf('all'), 'ratio', small ? null : { atMost: 1.05 })

let current = [...base, ...routes(sizes.hosts)]
async function publish(resources: SealedResource[]): Promise<Busyness> {
  current = resources
  await busyness(many)
  const { nack, refused } = await many.served.controller.publish(current)
  if (nack !== null || refused.length > 0) throw new Error(JSON.stringify({ nack, refused }))
  return busyness(many)
}
const edited = (route: SealedResource): SealedResource[] =>
  current.map((one) => (one.kind === 'route' && one.name === route.name ? route : one))

const turns: number[] = []
const lates: number[] = []
for (let edit = 1; edit <= sizes.edits; edit++) {
  const { turn, late } = await publish(edited(routeAt((edit * 7919) % (sizes.hosts * routesPerHost), edit)))
  turns.push(turn)
  lates.push(late)
}
const crowd = Array.from({ length: sizes.crowd }, (_, index) => crowdedRoute(index, 0))
const arrival = await publish([...current, ...crowd])
const crowded: number[] = []
for (let edit = 1; edit <= sizes.edits; edit++) {
  crowded.push((await publish(edited(crowdedRoute((edit * 7919) % sizes.crowd, edit)))).turn)
}
report.line('edits', turns.length, 'count', { exactly: sizes.edits })
report.line('busy-by-an-edit-median', median(turns), 'ms', null)
report.line('busy-by-an-edit-most', Math.max(...turns), 'ms', { atMost: 20 })
report.line('busy-by-an-edit-of-a-crowded-host', Math.max(...crowded), 'ms', { atMost: 20 })
report.line('busy-by-a-crowd-that-arrives', arrival.turn, 'ms', null)
report.line('late-by-an-edit-median', median(lates), 'ms', null)

for (const [{ served, folder }, pool] of pools) {
  pool.close()
  await served.close()
  await rm(folder, { recursive: true, force: true })
}
backend.close().closeAllConnections()

const method = `Two data plane processes, one with ten routes on one host, one with ${sizes.hosts * routesPerHost} on ${sizes.hosts}, are asked in turn, ${sizes.rounds} rounds of
${sizes.requests} requests over 16 connections: the ten routes; ten among the many; and all of the many in turn. The ratios to the first are
medians of the rounds' ratios of CPU time per request (user and system, whole process). With all in turn each request finds its
route, its plan and their strings in memory that no cache of the processor holds. Then ${sizes.edits} edits of one route each go to the second through the push channel, with the
last good snapshot kept on disk, and as many to one host that then gets ${sizes.crowd} routes at once. Busy is the most CPU time that its main thread takes between two turns of a timer of 1 ms, so long
nothing else has its turn; late is the most time between
two such turns, which is more where others have the core. Run it with \`make proof-routes\`.`
if (!small) await report.page('docs/proofs/routes.md', 'Many routes', method)
process.exit(report.ok() ? 0 : 1)
