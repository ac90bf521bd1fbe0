import { seal } from '@gatehouse/contract'
import { startBackend } from '../support/backend.ts'
import { steeredClock } from '../support/dataplaneProcess.ts'
import { startEventReceiver } from '../support/eventReceiver.ts'
import { saying, startIntrospectionServer } from '../support/introspectionServer.ts'
import { createIssuer } from '../support/issuer.ts'
import type { LogLine } from '../support/logs.ts'
import { createReport } from '../support/report.ts'
import { startServedDataplane } from '../support/servedDataplane.ts'
import { request, send, sendAll } from './abuseClients.ts'
import { waitUntil } from '../support/waitUntil.ts'
import { tenantKey } from '../support/keyHash.ts'
import { abuseShop, guesses, minute, tenantSpike, type Tenant } from './abuseShop.ts'

/** Guesses from many addresses, one client sprayed from more, and a tenant's credential in a thief's hands at night. */
const small = process.argv.includes('--small')
const sizes = small
  ? { days: 1, stuffing: 10, each: 20, spraying: 40, theft: 120 }
  : { days: 8, stuffing: 50, each: 40, spraying: 500, theft: 600 }
const report = createReport()
const hour = 60 * minute

const [backend, idp, receiver, issuer, impostor] = await Promise.all([
  startBackend((_, response) => response.end('{}')),
  startIntrospectionServer(saying({ active: false })),
  startEventReceiver(),
  createIssuer({ issuer: 'https://keys.example', kid: 'staff' }),
  createIssuer({ issuer: 'https://keys.example', kid: 'staff' }),
])
const cast = { backend, idp, receiver, issuer }
const resources = (...denied: string[]) => abuseShop(cast, denied).map((one) => seal(one))
const served = await startServedDataplane(resources(), { nodeOptions: steeredClock })
const target = await served.process.listener('http')

/** The day after, 00:00 UTC, from which time is counted in hours. */
const begin = Math.ceil(Date.now() / (24 * hour)) * 24 * hour
/** Sets the clock to a moment after the begin of a minute. */
const goTo = (time: number): Promise<void> => served.process.setAhead(begin + time + 2000 - Date.now())

const key = (tenant: Tenant): string => `X-Api-Key: ${tenantKey(tenant)}`
const repeated = (count: number, bytes: string): string[] => Array.from({ length: count }, () => bytes)
const bearer = (token: string): string => `Authorization: Bearer ${token}`
const farOff = Math.floor((begin + 30 * 24 * hour) / 1000)

/** What is timed is looked for often. */
const patience = { every: 2 }

const linesOf = (holds: (line: LogLine) => boolean): number => served.process.lines.all.filter(holds).length
/** Lines about requests that these addresses sent. */
const about =
  (prefix: string, code: string | null = null) =>
  (line: LogLine): boolean =>
    String(line['clientAddress']).startsWith(prefix) && (code === null || line['code'] === code)
const eventsOf = (policy: string, change: string): number =>
  receiver.events.all.filter(
    ({ text }) => text.includes(`policies/shop/${policy}"`) && text.includes(`spike.${change}`),
  ).length

/** What tenants do every day: at nine everybody comes. */
async function live(from: number, to: number): Promise<void> {
  for (let at = from; at < to; at++) {
    await goTo(at * hour)
    await send(target, repeated(at % 24 === 9 ? 40 : 2, request('10.1.0.1', key('acme'))))
    await send(target, repeated(2, request('10.2.0.1', key('other'))))
  }
}

async function theft(day: number): Promise<void> {
  report.line('theft.events-before', receiver.events.all.length, 'events', { exactly: 0 })
  await goTo((day * 24 + 3) * hour)
  const begun = performance.now()
  const stolen = sendAll(target, [repeated(sizes.theft, request('203.0.113.66', key('acme')))])
  await waitUntil(() => eventsOf('orders', 'started') === 1, 'the spike of a tenant is told', patience)
  report.line('theft.event-after', performance.now() - begun, 'ms', { atMost: 5000 })
  const statuses = await stolen
  const others = await send(target, repeated(10, request('10.2.0.1', key('other'))))
  report.line('theft.sent', sizes.theft, 'requests', null)
  const most = tenantSpike.minRequests - 1 + tenantSpike.through
  report.line('theft.let-through', statuses.get(200) ?? 0, 'requests', { atMost: most })
  report.line('theft.refused', statuses.get(429) ?? 0, 'requests', { atLeast: sizes.theft - most })
  report.line('theft.other-tenant-passed', others.get(200) ?? 0, 'of-10', { exactly: 10 })
  await waitUntil(
    () => linesOf(about('203.0.113.66')) === sizes.theft,
    'each request of the thief is in the log',
    patience,
  )
  const marked = linesOf((line) => about('203.0.113.66')(line) && line['anomaly'] !== null)
  report.line('theft.records-that-tell', marked, 'lines', { atLeast: sizes.theft - tenantSpike.minRequests + 1 })
  await goTo((day * 24 + 4) * hour)
  await send(target, [request('10.1.0.1', key('acme'))])
  await waitUntil(() => eventsOf('orders', 'ended') === 1, 'its end is told', patience)
  report.line('theft.events', eventsOf('orders', 'started') + eventsOf('orders', 'ended'), 'events', { exactly: 2 })
}

async function stuffing(day: number): Promise<void> {
  await goTo((day * 24 + 5) * hour)
  const address = (index: number): string => `10.50.0.${index + 1}`
  const known = bearer(await issuer.sign({ sub: 'ada', aud: 'orders', tid: 'other', exp: farOff }))
  await send(target, [request(address(0), known)])
  const forged = await Promise.all(
    Array.from({ length: sizes.each }, (_, n) => impostor.sign({ sub: `u${n}`, aud: 'orders', exp: farOff })),
  )
  const kinds = [
    (at: string): string => `X-Api-Key: k-${at}-0000000000000000000000000000`,
    (at: string): string => bearer(forged[Number(at.split('-').at(-1))]!),
    (at: string): string => bearer(`opaque-${at}`),
  ]
  // Every other address asks the identity provider alone.
  const wrong = (index: number, n: number): string => kinds[index % 2 === 1 ? 2 : n % 3]!(`${index}-${n}`)
  const byAddress = Array.from({ length: sizes.stuffing }, (_, index) =>
    Array.from({ length: sizes.each }, (_unused, n) => request(address(index), wrong(index, n))),
  )
  const [questions, reached] = [idp.questions.length, backend.requests.length]
  const statuses = await sendAll(target, byAddress)
  const sent = sizes.stuffing * sizes.each
  const half = sizes.stuffing / 2
  report.line('stuffing.addresses', sizes.stuffing, 'addresses', null)
  report.line('stuffing.guesses', sent, 'requests', null)
  report.line('stuffing.let-through', backend.requests.length - reached, 'requests', { exactly: 0 })
  const judged = half * (guesses.address + guesses.provider)
  report.line('stuffing.judged', statuses.get(401) ?? 0, 'requests', { exactly: judged })
  report.line('stuffing.refused-unjudged', statuses.get(429) ?? 0, 'requests', { exactly: sent - judged })
  const asked = idp.questions.length - questions
  report.line('stuffing.asked-the-provider', asked, 'calls', { atMost: sizes.stuffing * guesses.provider })
  await waitUntil(() => linesOf(about('10.50.')) === sent + 1, 'each guess is in the log', patience)
  report.line('stuffing.logged', linesOf(about('10.50.')) - 1, 'lines', { exactly: sent })
  const blocked = linesOf(about('10.50.', 'too-many-failures'))
  report.line('stuffing.logged-as-throttled', blocked, 'lines', { exactly: sent - judged })
  const honest = [0, 2, 4].flatMap((index) => [known, key('other')].map((one) => request(address(index), one)))
  const passed = await send(target, [...honest, ...honest])
  report.line('stuffing.honest-passed', passed.get(200) ?? 0, 'of-12', { exactly: 12 })
}

async function spraying(day: number): Promise<void> {
  await goTo((day * 24 + 7) * hour)
  const started = eventsOf('route', 'started')
  const address = (index: number): string => `10.66.${index >> 7}.${(index & 127) + 1}`
  const spray = async (): Promise<string[][]> => {
    const tokens = await Promise.all(
      Array.from({ length: 3 }, (_, n) => impostor.sign({ sub: 'alice', aud: 'orders', jti: String(n), exp: farOff })),
    )
    return Array.from({ length: sizes.spraying }, (_, index) =>
      tokens.map((token) => request(address(index), bearer(token))),
    )
  }
  const reached = backend.requests.length
  const first = await sendAll(target, await spray())
  report.line('spraying.addresses', sizes.spraying, 'addresses', null)
  report.line('spraying.guesses', 3 * sizes.spraying, 'requests', null)
  report.line('spraying.judged', first.get(401) ?? 0, 'requests', { exactly: 3 * sizes.spraying })
  await waitUntil(() => eventsOf('route', 'started') === started + 1, 'the spike of the route is told', patience)
  report.line('spraying.events', eventsOf('route', 'started') - started, 'events', { exactly: 1 })
  const published = performance.now()
  await served.controller.publish(resources('10.66.0.0/16'))
  report.line('spraying.denied-after', performance.now() - published, 'ms', { atMost: 1000 })
  const second = await sendAll(target, await spray())
  report.line('spraying.denied', second.get(403) ?? 0, 'requests', { exactly: 3 * sizes.spraying })
  await waitUntil(
    () => linesOf(about('10.66.', 'denied')) === 3 * sizes.spraying,
    'each refusal is in the log',
    patience,
  )
  report.line('spraying.logged-as-denied', linesOf(about('10.66.', 'denied')), 'lines', {
    exactly: 3 * sizes.spraying,
  })
  report.line('spraying.let-through', backend.requests.length - reached, 'requests', { exactly: 0 })
}

try {
  await live(0, sizes.days * 24 + 3)
  await theft(sizes.days)
  await stuffing(sizes.days)
  await spraying(sizes.days)
} finally {
  await served.close()
  await Promise.all([backend.close(), idp.close(), receiver.close()])
}

const method =
  'One data plane, whose wall clock is set ahead, lives for eight days with two tenants: two requests an hour each, and ' +
  'forty of one of them at nine. Then at three at night a thief has the credential of a tenant; at five 50 addresses guess ' +
  'API keys, signatures and opaque tokens, half of them opaque tokens alone; at seven 500 addresses guess for one client, ' +
  'three times each, which no limit of an address sees, until a deny list is pushed. Events go to a webhook over TLS. What ' +
  'must not get through is counted at the backend, what is logged in the log. `make proof-abuse` repeats it.'

if (!small) await report.page('docs/proofs/abuse.md', 'What guessing, spraying and a stolen credential come to', method)
process.exitCode = report.ok() ? 0 : 1
