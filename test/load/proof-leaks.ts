import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readlink } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { startBackend } from '../support/backend.ts'
import { clientPool } from '../support/clientPool.ts'
import { createReport } from '../support/report.ts'
import { startServedDataplane } from '../support/servedDataplane.ts'
import { droppedSocket, startLargeBackend, startSlowClients, startSocketBackend } from './heldClients.ts'
import type { Memory } from './host.ts'
import {
  abortedCheck,
  abortedRequest,
  leakResources,
  seeded,
  startBrokenBackend,
  startSlowBackend,
} from './leakScenario.ts'
import type { Asking, Waits } from './victimClient.ts'

/** Clients that go away and upstreams that fail leave nothing behind. */
const small = process.argv.includes('--small')
const sizes = small
  ? { warmUp: 500, aborts: 1000, checks: 600, failures: 400, sockets: 400, held: 100, window: 1000 }
  : { warmUp: 5000, aborts: 100_000, checks: 20_000, failures: 10_000, sockets: 20_000, held: 1000, window: 20_000 }
const parallel = 48
const mebibyte = 2 ** 20
const report = createReport()
const random = seeded(7)

// Several ports on each side: closed connections keep their pair of ports for a while.
const slow = await Promise.all(Array.from({ length: 6 }, () => startSlowBackend(random)))
const broken = await Promise.all(Array.from({ length: 4 }, () => startBrokenBackend()))
const unused = await startBrokenBackend()
unused.close()
const brokenPorts = [...broken.map(({ port }) => port), unused.port]
const sockets = await Promise.all(Array.from({ length: 4 }, startSocketBackend))
const large = await startLargeBackend()
const quick = await startBackend((_request, response) => response.end('ok'))
const portsOf = (all: readonly { readonly port: number }[]): number[] => all.map(({ port }) => port)
const served = await startServedDataplane(
  leakResources({
    slow: portsOf(slow),
    broken: brokenPorts,
    sockets: portsOf(sockets),
    large: portsOf([large]),
    quick: portsOf([quick]),
  }),
  {
    entry: fileURLToPath(new URL('./host.ts', import.meta.url)),
    nodeOptions: ['--expose-gc'],
  },
)
const { child, pid } = served.process
const admin = await served.process.admin()
const target = await served.process.listener('http')
let warnings = 0

async function inParallel(count: number, one: () => Promise<void>): Promise<void> {
  let left = count
  const worker = async (): Promise<void> => {
    while (left-- > 0) await one()
  }
  await Promise.all(Array.from({ length: parallel }, worker))
}

const statuses = new Map<string, number>()
const tally = (name: string): void => void statuses.set(name, (statuses.get(name) ?? 0) + 1)
const abort = (): Promise<void> => abortedRequest(target.port, random)
const abortCheck = (): Promise<void> => abortedCheck(target.port, random)
const dropSocket = async (): Promise<void> =>
  tally((await droppedSocket(target.port, random)) ? 'upgraded' : 'not upgraded')

/** What another client waits for, in a process of its own. */
async function waits(): Promise<Waits> {
  const client = fork(fileURLToPath(new URL('./victimClient.ts', import.meta.url)))
  await once(client, 'message')
  const asking: Asking = { ...target, host: 'api.shop.example', milliseconds: sizes.window }
  client.send(asking)
  const [found] = (await once(client, 'message')) as [Waits]
  client.kill()
  return found
}

interface Held {
  readonly waits: Waits
  readonly open: number
  readonly memory: Memory
}

/** Slow clients come, stay while another asks, and go. */
async function hold(): Promise<Held> {
  const clients = await startSlowClients(target.port, sizes.held)
  const found = { waits: await waits(), open: clients.open(), memory: await memory() }
  await clients.close()
  return found
}

async function failures(count: number): Promise<void> {
  const pool = clientPool(target, parallel)
  await inParallel(count, async () => {
    try {
      tally(String((await pool.get('/broken', { host: 'api.shop.example' })).status))
    } catch {
      tally('broken off')
    }
  })
  pool.close()
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${admin}/metrics`, { headers: { connection: 'close' } })).text()
  const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}

async function openSockets(): Promise<number> {
  const folder = `/proc/${pid}/fd`
  const links = await Promise.all((await readdir(folder)).map((fd) => readlink(`${folder}/${fd}`).catch(() => '')))
  return links.filter((link) => link.startsWith('socket:')).length
}

/** Waits until nothing is in flight and idle upstream connections have gone. */
async function settled(): Promise<void> {
  const deadline = performance.now() + 120_000
  for (;;) {
    const open =
      (await metric('gatehouse_upstream_requests_in_flight')) +
      (await metric('gatehouse_connections')) +
      (await metric('gatehouse_body_checks'))
    if (open === 0 && (await metric('gatehouse_upstream_connections')) === 0) return
    if (performance.now() > deadline) return
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

function memory(): Promise<Memory> {
  return new Promise((resolve) => {
    child.once('message', (message) => resolve(message as Memory))
    child.send('measure')
  })
}

child.on('exit', () => (warnings += 1))
await inParallel(sizes.warmUp, abort)
await inParallel(sizes.warmUp, abortCheck)
await failures(Math.ceil(sizes.warmUp / 5))
await inParallel(Math.ceil(sizes.warmUp / 5), dropSocket)
await hold()
await settled()
const before = { memory: await memory(), sockets: await openSockets() }
statuses.clear()
await inParallel(sizes.aborts, abort)
await inParallel(sizes.checks, abortCheck)
await failures(sizes.failures)
await inParallel(sizes.sockets, dropSocket)
const held = await hold()
await settled()
const after = { memory: await memory(), sockets: await openSockets() }

report.line('aborted-requests', sizes.aborts, 'count', null)
report.line('aborted-validated-bodies', sizes.checks, 'count', null)
report.line('upstream-failures', sizes.failures, 'count', null)
report.line('failures-answered-200-whole', statuses.get('200') ?? 0, 'count', { exactly: 0 })
report.line('failures-answered-502', statuses.get('502') ?? 0, 'count', { atLeast: 1 })
report.line('sockets-opened-and-dropped', statuses.get('upgraded') ?? 0, 'count', { exactly: sizes.sockets })
report.line('slow-clients-at-once', held.open, 'count', { exactly: sizes.held })
report.line('held-resident-growth', (held.memory.resident - before.memory.resident) / mebibyte, 'MiB', null)
report.line('others-asked-meanwhile', held.waits.count, 'count', null)
report.line('others-failed', held.waits.failed, 'count', { exactly: 0 })
report.line('others-p99', held.waits.late, 'ms', { atMost: 1000 })
report.line('process-ended', warnings, 'count', { exactly: 0 })
report.line('client-connections-left', await metric('gatehouse_connections'), 'count', { exactly: 0 })
report.line('held-body-bytes-left', await metric('gatehouse_held_body_bytes'), 'B', { exactly: 0 })
report.line('concurrency-slots-left', await metric('gatehouse_concurrency_slots'), 'count', { exactly: 0 })
report.line('body-checks-left', await metric('gatehouse_body_checks'), 'count', { exactly: 0 })
report.line('upstream-requests-left', await metric('gatehouse_upstream_requests_in_flight'), 'count', { exactly: 0 })
report.line('upstream-connections-left', await metric('gatehouse_upstream_connections'), 'count', { exactly: 0 })
report.line('sockets-left', after.sockets - before.sockets, 'count', { atMost: 0 })
report.line('heap-growth', (after.memory.heap - before.memory.heap) / mebibyte, 'MiB', { atMost: 5 })
report.line('resident-growth', (after.memory.resident - before.memory.resident) / mebibyte, 'MiB', null)
await served.close()
for (const { close } of [...slow, ...broken, ...sockets, large]) close()
await quick.close()

const method = `A data plane process gets ${sizes.aborts} requests whose clients go away at a random point (within the head, the
upload, before or within the answer, most by a reset), ${sizes.checks} more with a body that has to be checked against a schema (8 KiB where
it comes in, 96 KiB by a worker) whose clients go away within it, while it is checked or later, and ${sizes.failures} requests to upstreams that refuse, reset, tear or garble their
answer, ${parallel} at a time. Then come ${sizes.sockets} WebSockets that are opened and dropped, and ${sizes.held} clients at once, half of
which read a mebibyte 512 bytes at a time and half write it byte by byte, while another client asks a hundred times a second. Sockets are counted in \`/proc/PID/fd\`, heap after forced collections, both against the same process
after a warm-up of ${sizes.warmUp} aborts. Run it with \`make proof-leaks\`.`
if (!small) await report.page('docs/proofs/leaks.md', 'Nothing is left behind', method)
process.exit(report.ok() ? 0 : 1)
