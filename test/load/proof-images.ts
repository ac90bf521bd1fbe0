import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { programs, writeBundle, type Program } from '../../scripts/images/bundle.ts'
import { buildImages } from '../../scripts/images/images.ts'
import { createPushChannel, credentialsFolder } from '../support/pushChannel.ts'
import { createReport } from '../support/report.ts'
import { startEmptyApiServer } from './emptyApiServer.ts'

/** How large the images are, and how a bundle starts beside the sources that it is made of. */
const small = process.argv.includes('--small')
const rounds = small ? 1 : 15
const root = join(import.meta.dirname, '..', '..')
const report = createReport()
const mebibyte = 2 ** 20
/** Processes that wanted a core in the minute before: what else the machine did. */
const load = loadavg()[0]!.toFixed(1)

interface Start {
  /** Milliseconds from spawn to the first line of the log. */
  readonly time: number
  /** Bytes resident at that moment. */
  readonly resident: number
}

/** @throws Error when the process ends without a line */
async function start(entry: string, environment: { readonly [name: string]: string }): Promise<Start> {
  const started = performance.now()
  const child = spawn(process.execPath, [entry], { stdio: ['ignore', 'pipe', 'inherit'], env: environment })
  const ended = once(child, 'exit')
  const first = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)])
  if (!first) throw new Error(`${entry} ended without a line of log`)
  const time = performance.now() - started
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  child.kill('SIGKILL')
  await ended
  return { time, resident: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024 }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

async function compare(program: Program, bundled: string, environment: { readonly [name: string]: string }) {
  const sources = join(root, program, 'src', 'main.ts')
  // Once each before it counts, so that both are in the page cache.
  await start(bundled, environment)
  await start(sources, environment)
  const results: { readonly bundle: Start; readonly sources: Start }[] = []
  for (let round = 0; round < rounds; round++)
    results.push({ bundle: await start(bundled, environment), sources: await start(sources, environment) })
  for (const kind of ['bundle', 'sources'] as const) {
    report.line(`${program}-${kind}-start`, median(results.map((result) => result[kind].time)), 'ms', null)
    report.line(
      `${program}-${kind}-resident`,
      median(results.map((result) => result[kind].resident)) / mebibyte,
      'MiB',
      null,
    )
  }
  const ratio = median(results.map(({ bundle, sources: { time } }) => bundle.time / time))
  report.line(`${program}-start-ratio`, ratio, 'of-sources', small ? null : { atMost: 1 })
}

const folder = await mkdtemp(join(tmpdir(), 'gatehouse-start-'))
const installation = { namespace: 'gatehouse-system', name: 'edge' }
const channel = await createPushChannel(installation)
const api = await startEmptyApiServer(folder)
const credentials = await credentialsFolder(channel.authority.certificate, channel.controller, channel.signing)
const environment = {
  KUBECONFIG: api.kubeconfig,
  GATEHOUSE_INSTALLATION: `${installation.namespace}/${installation.name}`,
  GATEHOUSE_PUSH_DIRECTORY: credentials.path,
  GATEHOUSE_PUSH: '127.0.0.1:0',
  GATEHOUSE_ADMIN: '127.0.0.1:0',
  // Nobody listens there: what a data plane does before it has a controller.
  GATEHOUSE_CONTROLLERS: '127.0.0.1:1',
}
try {
  const images = await buildImages(root, join(folder, 'images'))
  for (const { name, size } of images)
    report.line(`${name.replace(/^.*\/(\w+):.*$/, '$1')}-image`, size / mebibyte, 'MiB', null)
  for (const program of programs) {
    await writeBundle(root, program, join(folder, program))
    await compare(program, join(folder, program, 'main.mjs'), environment)
  }
} finally {
  api.close()
  await credentials.remove()
  await rm(folder, { recursive: true, force: true })
}

const method = `Size of the image's layers, not compressed; Node and its libraries are the lower one and the same in both. Start: from
spawn to the first line of the log, with the memory that is resident then; the controller on the API server of an empty cluster,
the data plane without a controller. The bundle of the image and the sources are started in turn, ${rounds} times each after one
start that does not count, on the same Node; medians. The load average of the machine was ${load} before. Run it with \`make proof-images\` on a machine that does
nothing else.`
if (!small) await report.page('docs/proofs/images.md', 'Images and how they start', method)
process.exit(report.ok() ? 0 : 1)
