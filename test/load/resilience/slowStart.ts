import type { Report } from '../../support/report.ts'
import { balancingBy } from '../../support/resources.ts'
import { steadily } from './rhythm.ts'
import { startScene, type Scene } from './scene.ts'

export interface SlowStartSize {
  /** Milliseconds until a new endpoint has its whole share. */
  readonly slowStart: number
  /** Into so many parts of the same length that time is divided. */
  readonly parts: number
  /** How far a share may be from the promised one, in percent of all requests: chance alone makes a part of it. */
  readonly tolerance: number
}

interface Arrival {
  readonly isNew: boolean
  /** Monotonic, milliseconds. */
  readonly at: number
}

const endpoints = 5
/** Requests a second. */
const rate = 400

/** To four endpoints comes a fifth, while requests run. */
export async function slowStartScenario(report: Report, size: SlowStartSize): Promise<void> {
  const { slowStart, parts, tolerance } = size
  const balancing = balancingBy({ type: 'RoundRobin' }, { slowStart })
  const scene = await startScene({ backends: endpoints, rules: { growing: { balancing } } })
  try {
    const arrivals = recorded(scene)
    await scene.move(scene.backends.slice(1))
    await steadily(rate, 500, () => scene.ask('growing'))
    const before = shareOf(arrivals.splice(0))
    await scene.move(scene.backends)
    const began = performance.now()
    const answers = await steadily(rate, (slowStart * (parts + 1)) / parts, () => scene.ask('growing'))
    const shares = Array.from({ length: parts + 1 }, (_, part) => {
      const from = began + (part * slowStart) / parts
      return shareOf(arrivals.filter(({ at }) => at >= from && at < from + slowStart / parts))
    })
    report.line('slow-start.share-before', before, '%', { exactly: 0 })
    for (const [part, share] of shares.slice(0, parts).entries()) {
      const promised = (100 * (part + 0.5)) / parts / endpoints
      report.line(`slow-start.share-${part + 1}-of-${parts}`, share, '%', null)
      report.line(`slow-start.off-the-ramp-${part + 1}-of-${parts}`, Math.abs(share - promised), '%', {
        atMost: tolerance,
      })
    }
    report.line('slow-start.share-after', shares[parts]!, '%', { atLeast: 100 / endpoints - 1 })
    report.line('slow-start.asked', answers.length, 'requests', null)
    report.line('slow-start.failed', answers.filter(({ status }) => status !== 200).length, 'requests', { exactly: 0 })
  } finally {
    await scene.close()
  }
}

/** What comes from now on; the first endpoint is the new one. */
function recorded({ backends }: Scene): Arrival[] {
  const arrivals: Arrival[] = []
  for (const [place, backend] of backends.entries())
    backend.respond((_request, response) => {
      arrivals.push({ isNew: place === 0, at: performance.now() })
      response.end('fine')
    })
  return arrivals
}

const shareOf = (arrivals: readonly Arrival[]): number =>
  (100 * arrivals.filter(({ isNew }) => isNew).length) / arrivals.length
