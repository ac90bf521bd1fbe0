import type { Backend } from '../../support/backend.ts'
import type { Report } from '../../support/report.ts'
import { byClients } from './rhythm.ts'
import { answering, startScene } from './scene.ts'

export interface RetriesSize {
  /** Each one request after the other. */
  readonly clients: number
  /** For which they ask, in each case. */
  readonly milliseconds: number
}

const budget = 20
const attempts = 3
/** Milliseconds in which the backend answers. */
const slowness = 50
/** One of so many fails where not all do. */
const failsOneOf = 20

const retry = (budgetPercent: number, backoff: number) => ({
  retry: { attempts, codes: [503], backoff, budgetPercent },
})

/** A backend fails altogether, and then only now and then, under rules that ask again. */
export async function retriesScenario(report: Report, { clients, milliseconds }: RetriesSize): Promise<void> {
  const scene = await startScene({
    backends: 1,
    rules: { usual: retry(budget, 50), brisk: retry(budget, 10), unbounded: retry(100, 10), none: {} },
  })
  /** What came to the backend, for each request of a client, and how many of them failed. */
  const under = async (rule: string): Promise<{ asked: number; tries: number; failed: number }> => {
    const before = scene.arrived()
    const answers = await byClients(clients, milliseconds, () => scene.ask(rule))
    const failed = answers.filter(({ status }) => status !== 200).length
    return { asked: answers.length, tries: scene.arrived() - before, failed }
  }
  const backend = scene.backends[0]!
  try {
    backend.respond(answering(503, slowness))
    for (const [rule, most] of [
      ['usual', 1 + budget / 100],
      ['brisk', 1 / (1 - budget / 100)],
      ['unbounded', null],
    ] as const) {
      const { asked, tries } = await under(rule)
      report.line(`retries.${rule}.asked`, asked, 'requests', { atLeast: clients })
      report.line(`retries.${rule}.amplification`, tries / asked, 'ratio', most === null ? null : { atMost: most })
    }
    failNowAndThen(backend)
    for (const rule of ['none', 'usual']) {
      const { asked, failed } = await under(rule)
      const target = rule === 'none' ? null : { atMost: 0.5 }
      report.line(`retries.${rule}.failed-where-one-of-${failsOneOf}-does`, (100 * failed) / asked, '%', target)
    }
  } finally {
    await scene.close()
  }
}

function failNowAndThen(backend: Backend): void {
  let turn = 0
  const [good, bad] = [answering(200, slowness), answering(503, slowness)]
  backend.respond((...asked) => (++turn % failsOneOf === 0 ? bad : good)(...asked))
}
