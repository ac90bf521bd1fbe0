import { spawnSync } from 'node:child_process'
import { createReport, type Report } from '../test/support/report.ts'
import { createIssuer } from '../test/support/issuer.ts'
import { load } from './load.ts'
import { cpuTime, startPortProcess } from './process.ts'
import { benchResources, guardedRequest, publicRequest, signTokens } from './scenario.ts'
import { startServedDataplane } from '../test/support/servedDataplane.ts'

/**
 * CPU time per request of a data plane beside a bare forwarder, in one run, turn by turn, each on the same core, with
 * the load and the backend on the other. `--small` shows only that it runs.
 */
const small = process.argv.includes('--small')
const sizes = small
  ? { rounds: 1, warmUp: 300, requests: 600, missed: 100, tokens: 50 }
  : { rounds: 5, warmUp: 10_000, requests: 15_000, missed: 1_000, tokens: 1_000 }
const connections = 32
const proxyCore = 0
const loadCore = 1

interface Subject {
  readonly pid: number
  readonly port: number
}

/** @returns CPU microseconds of the subject per request */
async function measure(subject: Subject, requests: number, request: (index: number) => string): Promise<number> {
  const before = await cpuTime(subject.pid)
  const { statuses } = await load({ port: subject.port, connections, requests, request })
  const after = await cpuTime(subject.pid)
  if (statuses.get(200) !== requests) throw new Error(`answers were ${JSON.stringify([...statuses])}, not all 200`)
  return (after - before) / requests
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

interface Rounds {
  readonly bare: number[]
  readonly open: number[]
  readonly guarded: number[]
  readonly missed: number[]
}

async function run(): Promise<Rounds> {
  spawnSync('taskset', ['-cp', String(loadCore), String(process.pid)])
  const issuer = await createIssuer()
  const tokens = (await signTokens(issuer, sizes.tokens, 'warm')).map(guardedRequest)
  const fresh = (await signTokens(issuer, sizes.missed * sizes.rounds, 'fresh')).map(guardedRequest)
  const backend = await startPortProcess('backend.ts', loadCore)
  const bare = await startPortProcess('bareForwarder.ts', proxyCore, [`http://127.0.0.1:${backend.port}`])
  const served = await startServedDataplane(benchResources(issuer, backend.port), { core: proxyCore })
  const { port } = await served.process.listener('http')
  const gateway: Subject = { pid: served.process.pid, port }
  const warm = (index: number): string => tokens[index % tokens.length]!
  const open = (): string => publicRequest
  try {
    await measure(bare, sizes.warmUp, open)
    await measure(gateway, sizes.warmUp, open)
    await measure(gateway, sizes.warmUp, warm)
    const rounds: Rounds = { bare: [], open: [], guarded: [], missed: [] }
    for (let round = 0; round < sizes.rounds; round++) {
      rounds.bare.push(await measure(bare, sizes.requests, open))
      rounds.open.push(await measure(gateway, sizes.requests, open))
      rounds.guarded.push(await measure(gateway, sizes.requests, warm))
      const first = round * sizes.missed
      rounds.missed.push(await measure(gateway, sizes.missed, (index) => fresh[first + index]!))
    }
    return rounds
  } finally {
    await served.close()
    bare.close()
    backend.close()
  }
}

function publish(report: Report, rounds: Rounds): void {
  const ratios = (values: readonly number[]): number =>
    median(values.map((value, round) => value / rounds.bare[round]!))
  const target = (atMost: number) => (small ? null : { atMost })
  report.line('bare-forwarder', median(rounds.bare), 'us/request', null)
  report.line('public-route', median(rounds.open), 'us/request', null)
  report.line('jwt-tenant-bucket-warm', median(rounds.guarded), 'us/request', null)
  report.line('jwt-tenant-bucket-miss', median(rounds.missed), 'us/request', null)
  report.line('public-route-ratio', ratios(rounds.open), 'of-bare', target(1.25))
  report.line('jwt-tenant-bucket-warm-ratio', ratios(rounds.guarded), 'of-bare', target(1.5))
}

const method = `CPU time (user and system, all threads, from \`/proc/PID/stat\`) of one process per answered request.
The bare forwarder is \`bench/bareForwarder.ts\`: node:http and undici, no checks, no logs, no metrics. The data plane is the real
process with its default logs and metrics. Both run on one core; load (${connections} keep-alive connections) and backend on the
other. ${sizes.rounds} rounds of ${sizes.requests} requests each, turn by turn; a ratio is the median of the rounds' ratios. The policy path
verifies an RS256 token, maps a tenant, matches a rule and takes a token from a bucket, with ${sizes.tokens} tokens in turn; a miss
is the same with a token never seen before. Run it with \`make bench\`.`

const report = createReport()
publish(report, await run())
if (!small) await report.page('docs/proofs/bench.md', 'CPU per request', method)
process.exit(report.ok() ? 0 : 1)
