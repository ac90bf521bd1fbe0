import type { ClusterNode } from '../cluster/clusterNode.ts'
import type { Report } from '../support/report.ts'
import type { Release } from './gatehouseRelease.ts'
import { startStreams } from './load/streamRun.ts'
import { streamKinds, type Span, type StreamResult } from './load/streamResult.ts'
import { host, streamPath } from './shop.ts'

/** How much is proved. */
export interface DrainSize {
  /** How many of each kind run at a time. */
  readonly parallel: number
  /** Milliseconds that each takes; less than a data plane waits for what runs. */
  readonly milliseconds: number
  /** WebSockets that nobody ends. */
  readonly endless: number
  /** Rolling restarts. */
  readonly restarts: number
}

/** Milliseconds that a data plane of the chart gives what runs, from when its Pod is told to end. */
const patience = 40_000

/** The data planes are replaced one after the other while WebSockets, calls of gRPC and downloads run. */
export async function proveDrain(
  node: ClusterNode,
  release: Release,
  { parallel, milliseconds, endless, restarts }: DrainSize,
  report: Report,
): Promise<void> {
  const run = await startStreams(node, {
    address: await release.address(),
    port: 443,
    host,
    caFile: release.caFile,
    socketPath: '/socket',
    callPath: streamPath,
    downloadPath: '/download',
    parallel,
    milliseconds,
    endless,
  })
  const moments: Span[] = []
  for (let turn = 0; turn < restarts; turn++) moments.push(await restart(release))
  const result = await run.end()
  process.stderr.write(`drain: lost ${JSON.stringify(result.lost)}\n`)
  write(report, result, moments)
}

/** @returns when the first data plane was told to end at the earliest, and the last at the latest */
async function restart(release: Release): Promise<Span> {
  const { kubectl, name } = release
  const dataplane = `deployment/${name}-dataplane`
  const before = Date.now()
  await kubectl('rollout', 'restart', dataplane)
  await kubectl('rollout', 'status', dataplane, '--timeout=180s')
  const after = Date.now()
  await release.settled('dataplane', 2)
  return [before, after]
}

function write(report: Report, { whole, lost, endless }: StreamResult, moments: readonly Span[]): void {
  const crossed = ([began, ended]: Span): boolean => moments.some(([before, after]) => began < before && ended > after)
  report.line('drain.restarts', moments.length, 'count', null)
  for (const kind of streamKinds) {
    const broken = Object.entries(lost).filter(([reason]) => reason.startsWith(kind))
    report.line(`drain.${kind}.whole`, whole[kind].length, 'count', null)
    report.line(`drain.${kind}.whole-over-a-restart`, whole[kind].filter(crossed).length, 'count', { atLeast: 1 })
    report.line(
      `drain.${kind}.lost`,
      broken.reduce((sum, [, count]) => sum + count, 0),
      'count',
      { exactly: 0 },
    )
  }
  if (endless.length === 0) return
  const told = moments[0]![0]
  const lasted = endless.map(([, heard]) => heard - told)
  report.line('drain.endless-sockets', endless.length, 'count', null)
  report.line('drain.endless-sockets-cut-first-after', Math.min(...lasted) / 1000, 's', {
    atLeast: patience / 1000 - 1,
  })
  report.line('drain.endless-sockets-cut-last-after', Math.max(...lasted) / 1000, 's', null)
}
