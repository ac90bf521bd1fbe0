import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServedDataplane } from '../test/support/servedDataplane.ts'
import { createIssuer } from '../test/support/issuer.ts'
import { createReport, type Report } from '../test/support/report.ts'
import { benchCertificate, certificateFiles } from './certificate.ts'
import { cpuPerRequest, type Subject } from './cpuPerRequest.ts'
import type { Requests } from './lanes/http1Lanes.ts'
import { median, ratio } from './measured.ts'
import { pin, startPortProcess, usableCores, type PortProcess } from './process.ts'
import { benchResources, bodyRequest, checkedRequest, guardedRequest, publicRequest, signTokens } from './scenario.ts'

/**
 * CPU time per request of a data plane beside a bare forwarder, in one run, turn by turn, both on one core, with the load
 * and the backend on the other. `--small` shows only that it runs.
 */
const small = process.argv.includes('--small')
const sizes = small
  ? { rounds: 1, warmUp: 300, requests: 600, missed: 100, tokens: 50 }
  : { rounds: 15, warmUp: 20_000, requests: 10_000, missed: 500, tokens: 1_000 }
const connections = 32

/** Microseconds of CPU per request, one value a round. */
interface Rounds {
  readonly barePublic: number[]
  readonly public: number[]
  readonly bareGuarded: number[]
  readonly guarded: number[]
  readonly missed: number[]
  readonly passedBody: number[]
  readonly checkedBody: number[]
  readonly opened: number[]
  readonly checked: number[]
}

const measure = (subject: Subject, requests: number, request: Requests): Promise<number> =>
  cpuPerRequest(subject, { connections, requests, request })

/** What the requests with a token are; those in turn come from the tokens that are remembered. */
interface Tokens {
  readonly warm: Requests
  readonly fresh: Requests
  readonly opened: Requests
  readonly checked: Requests
}

async function alternate(bare: Subject, gateway: Subject, tokens: Tokens): Promise<Rounds> {
  const { warm, fresh, opened, checked: strict } = tokens
  const open = (): string => publicRequest
  for (const subject of [bare, gateway]) {
    await measure(subject, sizes.warmUp, open)
    await measure(subject, sizes.warmUp, warm)
  }
  const passed = bodyRequest('/public')
  const checked = bodyRequest('/form')
  for (const body of [passed, checked]) await measure(gateway, sizes.warmUp, () => body)
  for (const requests of [opened, strict]) await measure(gateway, sizes.warmUp, requests)
  const rounds: Rounds = {
    barePublic: [],
    public: [],
    bareGuarded: [],
    guarded: [],
    missed: [],
    passedBody: [],
    checkedBody: [],
    opened: [],
    checked: [],
  }
  for (let round = 0; round < sizes.rounds; round++) {
    const first = round * sizes.missed
    rounds.barePublic.push(await measure(bare, sizes.requests, open))
    rounds.public.push(await measure(gateway, sizes.requests, open))
    rounds.bareGuarded.push(await measure(bare, sizes.requests, warm))
    rounds.guarded.push(await measure(gateway, sizes.requests, warm))
    rounds.passedBody.push(await measure(gateway, sizes.requests, () => passed))
    rounds.checkedBody.push(await measure(gateway, sizes.requests, () => checked))
    rounds.opened.push(await measure(gateway, sizes.requests, opened))
    rounds.checked.push(await measure(gateway, sizes.requests, strict))
    rounds.missed.push(await measure(gateway, sizes.missed, (index) => fresh(first + index)))
  }
  return rounds
}

async function run(): Promise<Rounds> {
  const [proxyCore, loadCore] = await usableCores()
  pin(process.pid, loadCore)
  const issuer = await createIssuer()
  const known = await signTokens(issuer, sizes.tokens, 'warm')
  const inTurn = (requests: readonly string[]): Requests => {
    return (index) => requests[index % requests.length]!
  }
  const fresh = (await signTokens(issuer, sizes.missed * sizes.rounds, 'fresh')).map(guardedRequest)
  const helpers: PortProcess[] = []
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-cost-'))
  const start = async (...[script, core, args]: Parameters<typeof startPortProcess>): Promise<PortProcess> => {
    const started = await startPortProcess(script, core, args)
    helpers.push(started)
    return started
  }
  try {
    const backend = await start('backend.ts', loadCore)
    const files = await certificateFiles(folder, await benchCertificate())
    const bare = await start('bareForwarder.ts', proxyCore, [`http://127.0.0.1:${backend.port}`, ...files])
    const served = await startServedDataplane(benchResources(issuer, backend.port), { core: proxyCore })
    try {
      const { port } = await served.process.listener('http')
      served.process.discardLines()
      const gateway = { pid: served.process.pid, port }
      return await alternate(bare, gateway, {
        warm: inTurn(known.map(guardedRequest)),
        fresh: (index) => fresh[index]!,
        opened: inTurn(known.map((token) => checkedRequest('/public', token))),
        checked: inTurn(known.map((token) => checkedRequest('/checked', token))),
      })
    } finally {
      await served.close()
    }
  } finally {
    for (const helper of helpers) helper.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function publish(report: Report, rounds: Rounds): void {
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
  report.line('token-passed-on', median(rounds.opened), 'us/request', null)
  report.line('jwt-rules-validation-warm', median(rounds.checked), 'us/request', null)
  report.line('jwt-rules-validation-warm-ratio', ratio(rounds.checked, rounds.opened), 'of-public', target(1.25))
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
The third verifies the same tokens, has a Deny, a Require and an Allow rule and a schema each for headers and query; its requests
go to the public route in turn. A body is about 1 KiB of JSON, on the public route and on one that checks it by a schema of 20 fields. Run it with
\`make proof-cost\` on a machine that does nothing else.`

const report = createReport()
publish(report, await run())
if (!small) await report.page('docs/proofs/cost.md', 'What policies cost a request', method)
process.exit(report.ok() ? 0 : 1)
