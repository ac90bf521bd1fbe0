import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Report } from '../../support/report.ts'
import { openRaw, type RawConnection } from '../../support/raw.ts'
import { waitUntil } from '../../support/waitUntil.ts'
import { inTurn } from './rhythm.ts'
import { fine, host, startScene, type Scene } from './scene.ts'

export interface SheddingSize {
  /** So many are asked one after the other while there is no memory, and again afterwards. */
  readonly requests: number
}

/** Header lines of about 12 KiB, which a request holds for as long as it runs. */
const padding = Array.from({ length: 12 }, (_, index) => `X-Padding-${index}: ${'x'.repeat(1000)}\r\n`).join('')
const held = `GET /held HTTP/1.1\r\nHost: ${host}\r\n${padding}\r\n`
/** Requests sent at a time, and how many at most. */
const wave = 100
const most = 8_000

/** More requests than there is memory for, to a backend that lets them wait. */
export async function sheddingScenario(report: Report, { requests }: SheddingSize): Promise<void> {
  const timeouts = { request: 0, backendRequest: 0, connect: 1000, idle: 0, maxStreamAge: 0 }
  const scene = await startScene({
    backends: 1,
    rules: { held: { timeouts } },
    nodeOptions: ['--max-old-space-size=64', '--max-semi-space-size=1'],
    environment: { GATEHOUSE_OVERLOAD_PERCENT: '75' },
  })
  const ended = once(scene.served.process.child, 'exit').then(() => 1)
  try {
    // Without shedding the process dies in the middle of it.
    const died = await Promise.race([ended, shed(report, scene, requests).then(() => 0)])
    report.line('shedding.process-ended', died, 'count', { exactly: 0 })
  } finally {
    await scene.close()
  }
}

async function shed(report: Report, scene: Scene, requests: number): Promise<void> {
  const waiting: ServerResponse[] = []
  const backend = scene.backends[0]!
  backend.respond((_request, response) => void waiting.push(response))
  const flood = await flooded(scene)
  const refused = flood.filter(({ socket }) => socket.bytesRead > 0)
  const admitted = flood.filter((one) => !refused.includes(one))
  const before = scene.arrived()
  backend.respond(fine)
  const during = await inTurn(requests, () => scene.ask('held'))
  const said = during.filter(({ status, code }) => status === 503 && code === 'overloaded')
  report.line('shedding.admitted', admitted.length, 'requests', { atLeast: wave })
  report.line('shedding.asked-meanwhile', during.length, 'requests', null)
  report.line('shedding.refused-meanwhile', said.length, 'requests', { exactly: during.length })
  report.line(
    'shedding.told-when-to-come-again',
    said.filter(({ retryAfter }) => retryAfter !== null).length,
    'requests',
    {
      exactly: during.length,
    },
  )
  report.line('shedding.came-to-the-backend-meanwhile', scene.arrived() - before, 'requests', { exactly: 0 })
  for (const response of waiting.splice(0)) response.end('ok')
  const statuses = await Promise.all(admitted.map(statusOf))
  report.line('shedding.admitted-and-answered-whole', statuses.filter((status) => status === 200).length, 'requests', {
    exactly: admitted.length,
  })
  for (const connection of flood) connection.close()
  const began = performance.now()
  while ((await scene.ask('held')).status !== 200 && performance.now() - began < 10_000);
  report.line('shedding.until-relieved', performance.now() - began, 'ms', { atMost: 5_000 })
  const after = await inTurn(requests, () => scene.ask('held'))
  report.line('shedding.answered-afterwards', after.filter(({ status }) => status === 200).length, 'requests', {
    exactly: requests,
  })
}

const statusOf = async (connection: RawConnection): Promise<number | undefined> => {
  const [response] = (await connection.read(1)).responses
  return response?.complete ? response.status : 0
}

/** Sends requests until one is refused. */
async function flooded(scene: Scene): Promise<RawConnection[]> {
  const listener = await scene.served.process.listener('http')
  const open: RawConnection[] = []
  const refused = (): number => open.filter(({ socket }) => socket.bytesRead > 0).length
  const before = scene.arrived()
  while (refused() === 0 && open.length < most) {
    const next = await Promise.all(Array.from({ length: wave }, () => openRaw(listener, { timeout: 30_000 })))
    for (const connection of next) await connection.send(held)
    open.push(...next)
    const judged = (): boolean => scene.arrived() - before + refused() >= open.length
    await waitUntil(judged, 'each request is let in or refused', { every: 5 })
  }
  return open
}
