import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createIssuer } from '../test/support/issuer.ts'
import { createReport, type Report } from '../test/support/report.ts'
import { benchCertificate } from './certificate.ts'
import { heldMemory, type HeldMemory } from './heldMemory.ts'
import { measure, median, ratio, type Measured } from './measured.ts'
import { configuredPeers } from './peers/configured.ts'
import { gatewayPeers } from './peers/gateway.ts'
import type { Peer, PeerSurroundings } from './peers/peer.ts'
import { scriptedPeers } from './peers/scripted.ts'
import { performanceText } from './performancePage.ts'
import { pin, startPortProcess, usableCores } from './process.ts'
import { signTokens } from './scenario.ts'
import { show } from './shown.ts'
import { worksOf } from './works.ts'

/**
 * CPU time, rates, latencies and memory of the data plane beside its peers: the same work, in one run, turn by turn, the
 * proxy on one core, load and backend on the other. `--small` leaves out what has to be fetched and shows only that it runs;
 * `--work NAME` runs one work.
 */
const small = process.argv.includes('--small')
const only = process.argv.includes('--work') ? process.argv[process.argv.indexOf('--work') + 1] : undefined
const sizes = small
  ? { rounds: 1, pacedSeconds: 0, tokens: 50, scale: 0.03 }
  : { rounds: 7, pacedSeconds: 2, tokens: 1000, scale: 1 }

interface Run {
  readonly measured: readonly Measured[]
  readonly peers: readonly Peer[]
  /** null = not measured. */
  readonly held: HeldMemory | null
}

async function run(): Promise<Run> {
  const [core, loadCore] = await usableCores()
  pin(process.pid, loadCore)
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  const backend = await startPortProcess('backend.ts', loadCore)
  const peers: Peer[] = []
  try {
    const issuer = await createIssuer()
    const certificate = await benchCertificate()
    const surroundings: PeerSurroundings = {
      ...{ core, folder, backend: backend.port, grpc: backend.second ?? 0 },
      ...{ certificate, issuer: issuer.issuer, jwks: issuer.jwks },
    }
    const starts = [
      ...gatewayPeers(surroundings, issuer),
      ...scriptedPeers(surroundings),
      ...(small ? [] : configuredPeers(surroundings)),
    ]
    for (const { start } of starts) peers.push(await start())
    const [shown, ...tokens] = await signTokens(issuer, sizes.tokens + 1, 'bench')
    for (const peer of peers) await show(peer, shown!)
    const measured: Measured[] = []
    for (const work of worksOf(tokens, certificate.authority, sizes.scale)) {
      if (only !== undefined && work.name !== only) continue
      const able = peers.filter(({ skills }) => work.skills.every((skill) => skills.has(skill)))
      measured.push(...(await measure(work, able, sizes)))
    }
    const held =
      small || only !== undefined
        ? null
        : await heldMemory({ core, backend: backend.port, folder: join(folder, 'bundle') })
    return { measured, peers: [...peers], held }
  } finally {
    for (const peer of peers) await peer.close()
    backend.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function publish(report: Report, { measured, held }: Run): void {
  const cpuOf = (work: string, peer: string): readonly number[] | null =>
    measured.find((one) => one.work === work && one.peer === peer)?.cpu ?? null
  const compare = (work: string, [one, other]: readonly [string, string], atMost: number): void => {
    const [value, beside] = [cpuOf(work, one), cpuOf(work, other)]
    if (value === null || beside === null) return
    report.line(`${work}-${one}-of-${other}`, ratio(value, beside), 'ratio', small ? null : { atMost })
  }
  for (const { work, peer, cpu } of measured) report.line(`${work}-${peer}`, median(cpu), 'us/request', null)
  compare('small-get', ['gatehouse', 'bare'], 1.15)
  compare('small-get', ['gatehouse', 'envoy'], 1.2)
  compare('policy', ['gatehouse', 'bare'], 1.35)
  compare('policy', ['gatehouse', 'envoy'], 0.85)
  compare('routes', ['gatehouse-10000-routes', 'gatehouse'], 1.05)
  for (const work of ['small-get-tls', 'response-100-kib', 'upload-1-mib', 'websocket']) {
    const better = ['fastify-http-proxy', 'http-proxy'].toSorted(
      (a, b) => median(cpuOf(work, a) ?? [Infinity]) - median(cpuOf(work, b) ?? [Infinity]),
    )[0]!
    compare(work, ['gatehouse', better], 0.67)
  }
  if (held === null) return
  report.line('resident-with-routes', held.routes, 'MB', null)
  report.line('resident-with-connections', held.connections, 'MB', { atMost: 200 })
  report.line('resident-after-requests', held.requests, 'MB', { atMost: 200 })
}

const report = createReport()
const done = await run()
publish(report, done)
if (!small && only === undefined)
  await report.page('docs/performance.md', 'Performance', performanceText(done.measured, done.peers, sizes))
process.exit(report.ok() ? 0 : 1)
