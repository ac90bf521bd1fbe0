import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { clientPool } from '../support/clientPool.ts'
import { createIssuer } from '../support/issuer.ts'
import { createReport } from '../support/report.ts'
import { startServedDataplane } from '../support/servedDataplane.ts'
import {
  backendCount,
  chunkOf,
  chunkPause,
  digestOf,
  generation,
  generationToken,
  startSwapBackend,
} from './swapScenario.ts'

/** Swaps under load: nothing fails, nothing is cut, and no request ever sees half of a change. */
const small = process.argv.includes('--small')
const sizes = small ? { swaps: 20, seconds: 4, crossed: 10 } : { swaps: 200, seconds: 60, crossed: 50 }
const rate = 200
const connections = 50
const report = createReport()

const issuer = await createIssuer()
const backends = await Promise.all(Array.from({ length: backendCount }, (_, index) => startSwapBackend(index)))
const ports = backends.map(({ port }) => port)
const token = await generationToken(issuer, sizes.swaps)
const served = await startServedDataplane(generation(0, issuer, ports))
const target = await served.process.listener('http')
const headers = { host: 'api.shop.example', authorization: `Bearer ${token}` }

const counts = { requests: 0, failed: 0, mixtures: 0, stale: 0 }
let published = 0
let acknowledged = 0
let over = false

function judge(status: number, body: string, floor: number): void {
  if (status !== 200) {
    counts.failed++
    return
  }
  const { backend, subject } = JSON.parse(body) as { backend: number; subject: string }
  const seen = Number(subject)
  if (seen % backendCount !== backend) counts.mixtures++
  // An answer older than what was acknowledged before the request began, or newer than what exists.
  if (seen < floor || seen > published) counts.stale++
}

async function fire(pool: ReturnType<typeof clientPool>): Promise<void> {
  const floor = acknowledged
  counts.requests++
  try {
    const { status, body } = await pool.get('/orders', headers)
    judge(status, body, floor)
  } catch {
    counts.failed++
  }
}

/** Sends requests at a steady rate until the swaps are over. */
async function traffic(pool: ReturnType<typeof clientPool>): Promise<void> {
  const open = new Set<Promise<void>>()
  const started = performance.now()
  const first = Array.from({ length: connections }, () => fire(pool))
  await Promise.all(first)
  for (let sent = 0; !over; sent++) {
    const due = started + (sent * 1000) / rate
    const wait = due - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    const one: Promise<void> = fire(pool).finally(() => open.delete(one))
    open.add(one)
  }
  await Promise.all(open)
}

async function swaps(): Promise<void> {
  const pause = (sizes.seconds * 1000 * 1.05) / sizes.swaps
  for (let number = 1; number <= sizes.swaps; number++) {
    const next = performance.now() + pause
    published = number
    const answer = await served.controller.publish(generation(number, issuer, ports))
    if (answer.nack !== null || answer.refused.length > 0) throw new Error(`swap ${number}: ${JSON.stringify(answer)}`)
    acknowledged = number
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())))
  }
  over = true
}

const chunks = Math.ceil((sizes.seconds * 1000) / chunkPause)

/** @returns swaps crossed by a slow upload; -1 when it failed */
function upload(): Promise<number> {
  const first = acknowledged
  return new Promise((resolve) => {
    const sent = request(
      { host: target.address, port: target.port, path: '/upload', method: 'POST', headers },
      (answer) => {
        let body = ''
        answer.on('data', (chunk: Buffer) => (body += chunk.toString()))
        answer.on('end', () => resolve(body === digestOf(chunks) ? acknowledged - first : -1))
      },
    )
    sent.on('error', () => resolve(-1))
    let index = 0
    const timer = setInterval(() => {
      if (index < chunks) return void sent.write(chunkOf(index++))
      clearInterval(timer)
      sent.end()
    }, chunkPause)
  })
}

/** @returns swaps crossed by a slow download; -1 when it failed */
function download(): Promise<number> {
  const first = acknowledged
  return new Promise((resolve) => {
    const path = `/download/${chunks}`
    const sent = request({ host: target.address, port: target.port, path, headers }, (answer) => {
      const hash = createHash('sha256')
      answer.on('data', (chunk: Buffer) => hash.update(chunk))
      answer.on('end', () => resolve(hash.digest('hex') === digestOf(chunks) ? acknowledged - first : -1))
      answer.on('error', () => resolve(-1))
    })
    sent.on('error', () => resolve(-1))
    sent.end()
  })
}

const pool = clientPool(target, connections)
const [, , uploaded, downloaded] = await Promise.all([traffic(pool), swaps(), upload(), download()])
pool.close()
await served.close()
for (const { server } of backends) server.close().closeAllConnections()

report.line('swaps', acknowledged, 'count', { exactly: sizes.swaps })
report.line('requests', counts.requests, 'count', { atLeast: sizes.seconds * rate * 0.9 })
report.line('failed', counts.failed, 'count', { exactly: 0 })
report.line('mixtures', counts.mixtures, 'count', { exactly: 0 })
report.line('stale', counts.stale, 'count', { exactly: 0 })
report.line('connections', pool.opened(), 'count', { exactly: connections })
report.line('upload-crossed-swaps', uploaded, 'count', { atLeast: sizes.crossed })
report.line('download-crossed-swaps', downloaded, 'count', { atLeast: sizes.crossed })

const method = `A data plane process takes ${sizes.swaps} revisions in ${sizes.seconds} s at ${rate} requests a second over ${connections} keep-alive connections.
Each revision changes the endpoint and the claim that becomes the identity header at once; the backend answers with
both. A mixture is an answer whose backend and header belong to different revisions; stale is one older than the
revision acknowledged before the request began. An upload and a download of ${sizes.seconds} s run across the swaps and count only when their
SHA-256 is right (-1 = wrong or broken off). Run it with \`make proof-swap\`.`
if (!small) await report.page('docs/proofs/swap.md', 'Swaps under load', method)
process.exit(report.ok() ? 0 : 1)
