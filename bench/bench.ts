import { startServedDataplane } from '../test/support/servedDataplane.ts'
import { createIssuer } from '../test/support/issuer.ts'
import { createReport, type Report } from '../test/support/report.ts'
import { load } from './load.ts'
import { cpuTime, pin, startPortProcess, usableCores, type PortProcess } from './process.ts'
import { benchResources, bodyRequest, guardedRequest, publicRequest, signTokens } from './scenario.ts'

/**
 * CPU time per request of a data plane beside a bare forwarder, in one run, turn by turn, both on one core, with the load
 * and the backend on the other. `--small` shows only that it runs.
 */
const small = process.argv.includes('--small')
const sizes = small
  ? { rounds: 1, warmUp: 300, requests: 600, missed: 100, tokens: 50 }
  : { rounds: 15, warmUp: 20_000, requests: 10_000, missed: 500, tokens: 1_000 }
const connections = 32

interface Subject {
  readonly pid: number
  readonly port: number
}

/** The bytes of request number `index`. */
type Requests = (index: number) => string

/** Microseconds of CPU per request, one value a round. */
interface Rounds {
  readonly barePublic: number[]
  readonly public: number[]
  readonly bareGuarded: number[]
  readonly guarded: number[]
  readonly missed: number[]
  readonly passedBody: number[]
  readonly checkedBody: number[]
}

/** @returns CPU microseconds of the subject per request @throws Error unless every answer was 200 */
async function measure({ pid, port }: Subject, requests: number, request: Requests): Promise<number> {
  const before = await cpuTime(pid)
  const { statuses } = await load({ port, connections, requests, request })
  const after = await cpuTime(pid)
  if (statuses.get(200) !== requests) throw new Error(`answers were ${JSON.stringify([...statuses])}, not all 200`)
  return (after - before) / requests
}

async function alternate(bare: Subject, gateway: Subject, warm: Requests, fresh: Requests): Promise<Rounds> {
  const open = (): string => publicRequest
  for (const subject of [bare, gateway]) {
    await measure(subject, sizes.warmUp, open)
    await measure(subject, sizes.warmUp, warm)
  }
  const passed = bodyRequest('/public')
  const checked = bodyRequest('/form')
  for (const body of [passed, checked]) await measure(gateway, sizes.warmUp, () => body)
  const rounds: Rounds = {
    barePublic: [],
    public: [],
    bareGuarded: [],
    guarded: [],
    missed: [],
    passedBody: [],
    checkedBody: [],
  }
  for (let round = 0; round < sizes.rounds; round++) {
    const first = round * sizes.missed
    rounds.barePublic.push(await measure(bare, sizes.requests, open))
    rounds.public.push(await measure(gateway, sizes.requests, open))
    rounds.bareGuarded.push(await measure(bare, sizes.requests, warm))
    rounds.guarded.push(await measure(gateway, sizes.requests, warm))
    rounds.passedBody.push(await measure(gateway, sizes.requests, () => passed))
    rounds.checkedBody.push(await measure(gateway, sizes.requests, () => checked))
    rounds.missed.push(await measure(gateway, sizes.missed, (index) => fresh(first + index)))
  }
  return rounds
}

async function run(): Promise<Rounds> {
  const [proxyCore, loadCore] = await usableCores()
  pin(process.pid, loadCore)
  const issuer = await createIssuer()
  const warm = (await signTokens(issuer, sizes.tokens, 'warm')).map(guardedRequest)
  const fresh = (await signTokens(issuer, sizes.missed * sizes.rounds, 'fresh')).map(guardedRequest)
  const helpers: PortProcess[] = []
  const start = async (...[script, core, args]: Parameters<typeof startPortProcess>): Promise<PortProcess> => {
    const started = await startPortProcess(script, core, args)
    helpers.push(started)
    return started
  }
  try {
    const backend = await start('backend.ts', loadCore)
    const bare = await start('bareForwarder.ts', proxyCore, [`http://127.0.0.1:${backend.port}`])
    const served = await startServedDataplane(benchResources(issuer, backend.port), { core: proxyCore })
    try {
      const { port } = await served.process.listener('http')
      served.process.discardLines()
      const gateway = { pid: served.process.pid, port }
      const inTurn: Requests = (index) => warm[index % warm.length]!
      return await alternate(bare, gateway, inTurn, (index) => fresh[index]!)
    } finally {
      await served.close()
    }
  } finally {
    for (const helper of helpers) helper.close()
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function publish(report: Report, rounds: Rounds): void {
  const ratio = (values: readonly number[], bare: readonly number[]): number =>
    median(values.map((value, round) => value / bare[round]!))
  const target = (atMost: number) => (small ? null : { atMost })
  report.line('bare-forwarder-public', median(rounds.barePublic), 'us/request', null)
  report.line('public-route', median(rounds.public), 'us/request', null)
  report.line('public-route-ratio', ratio(rounds.public, rounds.barePublic), 'of-bare', target(1.25))
  report.line('bare-forwarder-token', median(rounds.bareGuarded), 'us/request', null)
  report.line('jwt-tenant-bucket-warm', median(rounds.guarded), 'us/request', null)
  report.line('jwt-tenant-bucket-warm-ratio', ratio(rounds.guarded, rounds.bareGuarded), 'of-bare', target(1.5))
  report.line('body-passed-on', median(rounds.passedBody), 'us/request', null)
  report.line('body-by-schema', median(rounds.checkedBody), 'us/request', null)
  report.line('body-by-schema-ratio', ratio(rounds.checkedBody, rounds.passedBody), 'of-public', target(1.6))
  report.line('jwt-tenant-bucket-miss', median(rounds.missed), 'us/request', null)
  report.line('cache-miss', median(rounds.missed.map((value, round) => value - rounds.guarded[round]!)), 'us', null)
}

const method = `CPU time (user and system, all threads, from \`/proc/PID/task/*/schedstat\`) of one process, divided by the requests
that it answered. The bare forwarder is \`bench/bareForwarder.ts\`: node:http and undici, hop-by-hop headers removed, bodies
streamed, no checks, no logs, no metrics. The data plane is \`dataplane/src/main.ts\`, configured over the push channel, with
its default logs and metrics: one line of the audit log for each request, written to a pipe that is read and thrown away.
Both run on one core; the load (${connections} keep-alive connections, each sends its next request when the last is answered, every
answer must be 200) and the backend (the same small answer to everything) run on the other.

${sizes.rounds} rounds; in each the bare forwarder and the data plane get ${sizes.requests} requests of the same bytes in turn, first for the public
route (anonymous, Anyone), then with a token. Values are medians of the rounds, a ratio the median of the rounds' ratios. The
second policy verifies an RS256 token, requires a tenant, allows by role and takes a token from a bucket by principal;
${sizes.tokens} tokens of as many subjects take turns. A miss is the same with a token never seen before, ${sizes.missed} in each round.
A body is about 1 KiB of JSON, on the public route and on one that checks it by a schema of 20 fields. Run it with
\`make bench\` on a machine that does nothing else.`

const report = createReport()
publish(report, await run())
if (!small) await report.page('docs/proofs/bench.md', 'CPU per request', method)
process.exit(report.ok() ? 0 : 1)
