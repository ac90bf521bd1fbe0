import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startBackend } from '../support/backend.ts'
import { createIssuer } from '../support/issuer.ts'
import { createReport } from '../support/report.ts'
import { startServedDataplane } from '../support/servedDataplane.ts'
import { attack, forgedTokens, hostileCases } from './hostileRequests.ts'
import { hostileResources, victimHost, type Place } from './hostileScenario.ts'
import type { Asking, Waits } from './victimClient.ts'

/** What a tenant waits for while another writes and sends the worst that it can. */
const small = process.argv.includes('--small')
const sizes = small
  ? { rounds: 1, window: 500, ballast: { policies: 4, routes: 2 } }
  : { rounds: 5, window: 1000, ballast: { policies: 40, routes: 20 } }
const report = createReport()

const issuer = await createIssuer()
const backend = await startBackend((_, response) => response.end('{}'))
const client = fork(fileURLToPath(new URL('./victimClient.ts', import.meta.url)))
const [own] = (await once(client, 'message')) as [Place]
const places = { victim: own, hostile: backend }
const resources = ['m', 'n'].map((mark) => hostileResources(mark, sizes.ballast, places, issuer))
const served = await startServedDataplane(resources[0]!, {
  entry: fileURLToPath(new URL('./watchedHost.ts', import.meta.url)),
})
const target = await served.process.listener('http')
served.process.discardLines()

/** Milliseconds of processor time, since it was last called. */
async function longestTurn(): Promise<number> {
  const { child } = served.process
  child.send('longest')
  const [found] = (await once(child, 'message')) as [number]
  return found
}

async function waits(): Promise<Waits> {
  const asking: Asking = { ...target, host: victimHost, milliseconds: sizes.window }
  client.send(asking)
  const [found] = (await once(client, 'message')) as [Waits]
  return found
}

let edition = 0
let slowest = 0
/** Another edition of all that the hostile tenant has, again and again. */
function pushes(): () => Promise<void> {
  let over = false
  const pushing = (async () => {
    while (!over) {
      const begun = performance.now()
      await served.controller.publish(resources[++edition % 2]!)
      slowest = Math.max(slowest, performance.now() - begun)
    }
  })()
  return async () => {
    over = true
    await pushing
  }
}

const cases: readonly (readonly [string, () => () => Promise<unknown>])[] = [
  ['pushes', pushes],
  ...[...hostileCases, await forgedTokens(issuer)].map((one) => [one.name, () => attack(target, one)] as const),
]
const worst = new Map<string, number[]>()
const turns = new Map<string, number[]>()
const quiet: number[] = []
let failed = 0
let count = 0
for (let round = 0; round < sizes.rounds; round++) {
  for (const [name, begin] of cases) {
    quiet.push((await waits()).worst)
    await longestTurn()
    const end = begin()
    const found = await waits()
    turns.set(name, [...(turns.get(name) ?? []), await longestTurn()])
    await end()
    worst.set(name, [...(worst.get(name) ?? []), found.worst])
    failed += found.failed
    count += found.count
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
// The small run only shows that the proof runs: its windows are too short to be undisturbed.
const bound = small ? null : { atMost: 50 }
report.line('requests', count, 'count', null)
report.line('failed', failed, 'count', { exactly: 0 })
report.line('undisturbed-median', median(quiet), 'ms', null)
report.line('undisturbed-worst', Math.max(...quiet), 'ms', null)
for (const [name, values] of worst) {
  report.line(`${name}-median`, median(values), 'ms', bound)
  report.line(`${name}-worst`, Math.max(...values), 'ms', null)
  report.line(`${name}-turn`, median(turns.get(name) ?? []), 'ms CPU', bound)
}
report.line('update-of-everything', slowest, 'ms', null)
client.disconnect()
await served.close()
await backend.close()

const kibibytes = Math.round(JSON.stringify(resources[0]).length / 1024)
const method = `A data plane process serves two tenants. One asks its own route 100 times a second, whether or not the answers come, from
a process of its own with its backend. The other, whose configuration of ${kibibytes} KiB of the worst schemas, expressions and regular
expressions went through the real compiler, either has all of it replaced again and again (\`pushes\`), or sends requests
made for its own texts, 16 or, of bodies, 100 at once, and again 100 ms after the last of them was answered
(\`bodies-unchecked\` is such a volley where nothing looks at it). A value is the longest that
the first tenant waited for an answer in a window of ${sizes.window / 1000} s: the median over ${sizes.rounds} rounds, and the worst of all. A \`turn\` is the processor
time of the longest turn of the data plane's event loop, which other work on the machine does not lengthen. The
windows between attacks are \`undisturbed\`; what they show is the machine's own. \`update-of-everything\` is how long the
longest replacement took until it was acknowledged, which is how long another tenant's change behind it waits. Run it
with \`make proof-hostile\`.`
if (!small) await report.page('docs/proofs/hostile.md', 'A hostile tenant', method)
process.exit(report.ok() ? 0 : 1)
