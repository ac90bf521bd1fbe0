import type { Backend, Responder } from '../../support/backend.ts'
import type { Report } from '../../support/report.ts'
import { balancingBy } from '../../support/resources.ts'
import type { Answer } from './asker.ts'
import { byClients, inTurn, steadily } from './rhythm.ts'
import { answering, fine, startScene, type Scene } from './scene.ts'

export interface EjectionSize {
  /** Milliseconds of the first ejection. */
  readonly ejectFor: number
  /** Requests of which shares are taken. */
  readonly requests: number
}

const endpoints = 5
const consecutiveErrors = 5
const crowd = 20
/** Requests a second while an endpoint is waited for. */
const rate = 500

/** Ways to fail that count against an endpoint. */
const failures: Readonly<Record<string, Responder>> = {
  unavailable: answering(503),
  resetting: (_request, response) => void response.destroy(),
  hanging: () => {},
}

/** Some of five endpoints fail, one way or the other, and one comes back. */
export async function ejectionScenario(report: Report, { ejectFor, requests }: EjectionSize): Promise<void> {
  // Longer than any of it takes, but where an endpoint is to come back.
  const passive = { consecutiveErrors, ejectFor: 600_000, maxEjectionPercent: 40 }
  const balancing = balancingBy({ type: 'RoundRobin' }, { passive, panicThreshold: 50 })
  const timeouts = { request: 15_000, backendRequest: 500, connect: 1000, idle: 60_000, maxStreamAge: 0 }
  const all = { ...balancing, passive: { ...passive, maxEjectionPercent: 100 } }
  const scene = await startScene({
    backends: endpoints,
    rules: {
      ...Object.fromEntries(Object.keys(failures).map((name) => [name, { balancing, timeouts }])),
      retried: { balancing, retry: { attempts: 2, codes: [503], backoff: 1, budgetPercent: 20 } },
      crowded: { balancing },
      returning: { balancing: { ...balancing, passive: { ...passive, ejectFor } } },
      bounded: { balancing },
      panicking: { balancing: all },
    },
  })
  try {
    for (const name of Object.keys(failures)) await fails(report, scene, { name, requests })
    await others(report, scene, requests)
    await returns(report, scene, { ejectFor, requests })
    await tooMany(report, scene, requests)
  } finally {
    await scene.close()
  }
}

function failing(scene: Scene, count: number, responder: Responder = answering(503)): readonly Backend[] {
  for (const [place, backend] of scene.backends.entries()) backend.respond(place < count ? responder : fine)
  return scene.backends.slice(0, count)
}

const isBad = ({ status }: Answer): boolean => status !== 200

/** What some endpoints get of so many requests, in percent, and how many of these fail. */
async function shareOf(
  scene: Scene,
  some: readonly Backend[],
  { name, requests }: { readonly name: string; readonly requests: number },
): Promise<{ readonly share: number; readonly failed: number }> {
  const count = (): number => some.reduce((sum, { requests: seen }) => sum + seen.length, 0)
  const before = count()
  const answers = await inTurn(requests, () => scene.ask(name))
  return { share: (100 * (count() - before)) / requests, failed: answers.filter(isBad).length }
}

async function fails(
  report: Report,
  scene: Scene,
  asked: { readonly name: string; readonly requests: number },
): Promise<void> {
  const { name } = asked
  failing(scene, 0)
  const one = scene.backends.slice(0, 1)
  const before = await shareOf(scene, one, asked)
  failing(scene, 1, failures[name])
  const until = await shareOf(scene, one, { name, requests: endpoints * (consecutiveErrors + 1) })
  const after = await shareOf(scene, one, asked)
  report.line(`ejection.${name}.share-before`, before.share, '%', { exactly: 100 / endpoints })
  report.line(`ejection.${name}.failures-seen`, until.failed + after.failed, 'requests', { exactly: consecutiveErrors })
  report.line(`ejection.${name}.share-after`, after.share, '%', { exactly: 0 })
}

/** The same with retries, and with many clients at once. */
async function others(report: Report, scene: Scene, requests: number): Promise<void> {
  const one = failing(scene, 1)
  const retried = await shareOf(scene, one, { name: 'retried', requests })
  report.line('ejection.failures-seen-with-retries', retried.failed, 'requests', { exactly: 0 })
  const answers = await byClients(crowd, 500, () => scene.ask('crowded'))
  report.line('ejection.asked-by-crowd', answers.length, 'requests', null)
  report.line('ejection.failures-seen-by-crowd', answers.filter(isBad).length, 'requests', {
    atMost: consecutiveErrors + crowd - 1,
  })
}

/** An endpoint that still fails when it comes back is away for twice as long; one that has recovered has its share. */
async function returns(report: Report, scene: Scene, { ejectFor, requests }: EjectionSize): Promise<void> {
  const [one] = failing(scene, 1)
  const away = async (): Promise<number> => {
    await inTurn(endpoints * consecutiveErrors, () => scene.ask('returning'))
    const ejected = performance.now()
    const before = one!.requests.length
    while (one!.requests.length === before) await steadily(rate, 1, () => scene.ask('returning'))
    return performance.now() - ejected
  }
  // It was ejected with one of the last requests before the time is taken.
  for (const [name, wanted] of [
    ['first', ejectFor],
    ['second', 2 * ejectFor],
  ] as const)
    report.line(`ejection.${name}-time-away`, await away(), 'ms', { atLeast: 0.95 * wanted })
  failing(scene, 0)
  const recovered = await shareOf(scene, [one!], { name: 'returning', requests })
  report.line('ejection.share-once-recovered', recovered.share, '%', { exactly: 100 / endpoints })
}

/** Where too many fail, the rest is not left with all that they got. */
async function tooMany(report: Report, scene: Scene, requests: number): Promise<void> {
  const settle = (name: string): Promise<unknown> => inTurn(3 * endpoints * consecutiveErrors, () => scene.ask(name))
  const three = failing(scene, 3)
  await settle('bounded')
  const bounded = await shareOf(scene, three, { name: 'bounded', requests })
  report.line('ejection.share-of-three-of-which-two-may-be-ejected', bounded.share, '%', { atMost: 34 })
  const two = failing(scene, 2)
  await settle('panicking')
  const ejected = await shareOf(scene, two, { name: 'panicking', requests })
  report.line('panic.share-of-two-of-five', ejected.share, '%', { exactly: 0 })
  failing(scene, 3)
  await settle('panicking')
  const panic = await shareOf(scene, three, { name: 'panicking', requests })
  report.line('panic.share-of-three-of-five', panic.share, '%', { exactly: 60 })
}
