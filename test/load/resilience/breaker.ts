import type { Report } from '../../support/report.ts'
import type { Responder } from '../../support/backend.ts'
import type { Answer } from './asker.ts'
import { atOnce, byClients, inTurn, steadily } from './rhythm.ts'
import { answering, fine, startScene, type Scene } from './scene.ts'

export interface BreakerSize {
  /** Milliseconds that a circuit stays open. */
  readonly openFor: number
  /** So often the circuit is half open before its backend recovers. */
  readonly rounds: number
}

const minRequests = 20
/** Milliseconds. */
const slowAfter = 40
const crowd = 32
/** Requests a second. */
const rate = 200

const isOpen = ({ status, code }: Answer): boolean => status === 503 && code === 'circuit-open'

/** A backend fails, is left alone, is tried, fails again, and recovers. */
export async function breakerScenario(report: Report, { openFor, rounds }: BreakerSize): Promise<void> {
  const breaker = { errorPercent: 50, minRequests, window: 60_000, openFor, slowCall: null }
  const scene = await startScene({
    backends: 1,
    rules: {
      failing: { breaker },
      crowded: { breaker },
      slow: { breaker: { ...breaker, slowCall: slowAfter } },
    },
  })
  try {
    await opens(report, scene, openFor)
    await halfOpens(report, scene, { openFor, rounds })
    await recovers(report, scene)
    await underLoad(report, scene)
    await slowly(report, scene)
  } finally {
    await scene.close()
  }
}

function respond({ backends }: Scene, responder: Responder): void {
  for (const backend of backends) backend.respond(responder)
}

async function opens(report: Report, scene: Scene, openFor: number): Promise<void> {
  respond(scene, answering(500))
  await inTurn(2 * minRequests, () => scene.ask('failing'))
  const opened = performance.now()
  report.line('breaker.failures-until-open', scene.arrived(), 'requests', { exactly: minRequests })
  const before = { requests: scene.arrived(), connections: scene.connected() }
  const left = 0.7 * openFor - (performance.now() - opened)
  const refused = await steadily(rate, left, () => scene.ask('failing'))
  const open = refused.filter(isOpen)
  const waits = open.map(({ retryAfter }) => retryAfter ?? 0)
  report.line('breaker.asked-while-open', refused.length, 'requests', { atLeast: 1 })
  report.line('breaker.refused-while-open', open.length, 'requests', { exactly: refused.length })
  report.line('breaker.requests-while-open', scene.arrived() - before.requests, 'requests', { exactly: 0 })
  report.line('breaker.connections-while-open', scene.connected() - before.connections, 'connections', { exactly: 0 })
  report.line('breaker.shortest-retry-after', Math.min(...waits), 's', { atLeast: 1 })
  report.line('breaker.longest-retry-after', Math.max(...waits), 's', { atMost: Math.ceil(openFor / 1000) })
}

/** Begins in the last third of the time for which the circuit is open. */
async function halfOpens(report: Report, scene: Scene, { openFor, rounds }: BreakerSize): Promise<void> {
  let before = scene.arrived()
  const asked = await steadily(rate, rounds * openFor, () => scene.ask('failing'))
  report.line('breaker.asked-of-failing', asked.length, 'requests', null)
  report.line('breaker.probes-of-failing', scene.arrived() - before, 'requests', { atMost: rounds })
  let fail = (): void => {}
  respond(scene, (_request, response) => (fail = () => void response.writeHead(500).end()))
  before = scene.arrived()
  const probe = untilArrived(scene, before)
  await probe.arrived
  const beside = await atOnce(50, () => scene.ask('failing'))
  report.line('breaker.requests-beside-probe', scene.arrived() - before - 1, 'requests', { exactly: 0 })
  report.line('breaker.refused-beside-probe', beside.filter(isOpen).length, 'requests', { exactly: 50 })
  fail()
  await probe.answers
}

/** Asks until a request has come to a backend. */
function untilArrived(scene: Scene, before: number): { arrived: Promise<void>; answers: Promise<unknown> } {
  const { promise, resolve } = Promise.withResolvers<void>()
  const ask = async (): Promise<void> => {
    const answers: Promise<Answer>[] = []
    while (scene.arrived() === before) {
      answers.push(scene.ask('failing'))
      await new Promise((next) => setTimeout(next, 1000 / rate))
    }
    resolve()
    await Promise.all(answers)
  }
  return { answers: ask(), arrived: promise }
}

async function recovers(report: Report, scene: Scene): Promise<void> {
  respond(scene, fine)
  const healed = performance.now()
  const before = scene.arrived()
  const probe = untilArrived(scene, before)
  await probe.answers
  const took = performance.now() - healed
  const { length } = (await inTurn(100, () => scene.ask('failing'))).filter(({ status }) => status === 200)
  report.line('breaker.until-recovered', took, 'ms', null)
  report.line('breaker.probes-of-recovered', scene.arrived() - before - 100, 'requests', { exactly: 1 })
  report.line('breaker.answered-once-closed', length, 'requests', { exactly: 100 })
}

/** What many clients have under way when a circuit opens has left already. */
async function underLoad(report: Report, scene: Scene): Promise<void> {
  respond(scene, answering(500, 20))
  const before = scene.arrived()
  const asked = await byClients(crowd, 500, () => scene.ask('crowded'))
  report.line('breaker.asked-by-crowd', asked.length, 'requests', null)
  report.line('breaker.requests-of-crowd', scene.arrived() - before, 'requests', { atMost: minRequests + crowd - 1 })
}

async function slowly(report: Report, scene: Scene): Promise<void> {
  respond(scene, answering(200, 1.5 * slowAfter))
  const before = scene.arrived()
  const asked = await inTurn(2 * minRequests, () => scene.ask('slow'))
  report.line('breaker.slow-answers-until-open', scene.arrived() - before, 'requests', { exactly: minRequests })
  report.line('breaker.refused-of-slow', asked.filter(isOpen).length, 'requests', { exactly: minRequests })
}
