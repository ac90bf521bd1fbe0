import type { Issuer } from '../support/issuer.ts'
import { tenantKey } from '../support/keyHash.ts'
import type { LogLine } from '../support/logs.ts'
import type { Report } from '../support/report.ts'
import { waitUntil, type Patience } from '../support/waitUntil.ts'
import { request, type Answers } from './abuseClients.ts'
import { guesses, minute, tenantSpike, type Tenant } from './abuseShop.ts'

/** Where tenants live and thieves and guessers come by: one data plane, or an installation in a cluster. */
export interface AbuseScene {
  /** How many data planes judge, each for itself. */
  readonly dataplanes: number
  /** Of the shop's tokens. */
  readonly issuer: Issuer
  /** Signs with the same names and another key. */
  readonly impostor: Issuer
  /** How to look for what takes its time. */
  readonly patience: Patience
  /** Sends what each address has through the front door. */
  attack(byAddress: readonly (readonly string[])[]): Promise<Answers['statuses']>
  /** Sends requests to each data plane. */
  everywhere(requests: readonly string[]): Promise<Answers['statuses']>
  /** Sets the clock of the data planes ahead of this machine's; milliseconds. */
  setAhead(offset: number): Promise<void>
  /** Requests that backends have got. */
  reached(): number | Promise<number>
  /** Tokens that the identity provider was asked about. */
  asked(): number
  /** Decision records for which something holds. */
  records(holds: (line: LogLine) => boolean): number | Promise<number>
  /** Events that arrived, as JSON. */
  events(): readonly string[]
  /** Denies a range of addresses. @returns milliseconds until all data planes did */
  deny(range: string): Promise<number>
}

/** How much of everything. */
export interface AbuseSizes {
  readonly days: number
  /** Addresses that guess, and guesses of each: no more than one connection carries. */
  readonly stuffing: number
  readonly each: number
  /** Addresses that spray, three times each. */
  readonly spraying: number
  /** Requests of the thief. */
  readonly theft: number
  /** Milliseconds until a deny list is in force. */
  readonly denied: number
}

const hour = 60 * minute

const key = (tenant: Tenant): string => `X-Api-Key: ${tenantKey(tenant)}`
const bearer = (token: string): string => `Authorization: Bearer ${token}`
const repeated = (count: number, bytes: string): string[] => Array.from({ length: count }, () => bytes)

/** The day after, 00:00 UTC, from which time is counted in hours. */
const begin = Math.ceil(Date.now() / (24 * hour)) * 24 * hour
const farOff = Math.floor((begin + 30 * 24 * hour) / 1000)

/** Sets the clock to a moment after the begin of a minute. */
const goTo = ({ setAhead }: AbuseScene, time: number): Promise<void> => setAhead(begin + time + 2000 - Date.now())

const eventsOf = ({ events }: AbuseScene, policy: 'orders' | 'route', change: 'started' | 'ended'): number => {
  const source = new RegExp(`/policies/[^/"]+/${policy}"`)
  return events().filter((text) => source.test(text) && text.includes(`spike.${change}`)).length
}

/** Records of requests that these addresses sent. */
const about =
  (prefix: string, code: string | null = null) =>
  (line: LogLine): boolean =>
    String(line['clientAddress']).startsWith(prefix) && (code === null || line['code'] === code)

/** What tenants do every day: at nine everybody comes. */
async function live(scene: AbuseScene, to: number): Promise<void> {
  for (let at = 0; at < to; at++) {
    await goTo(scene, at * hour)
    await scene.everywhere(repeated(at % 24 === 9 ? 40 : 2, request('10.1.0.1', key('acme'))))
    await scene.everywhere(repeated(2, request('10.2.0.1', key('other'))))
  }
}

/** The credential of a tenant in a thief's hands, at three at night. */
async function theft(scene: AbuseScene, { days, theft: sent }: AbuseSizes, report: Report): Promise<void> {
  const { dataplanes, patience, records } = scene
  report.line('theft.events-before', scene.events().length, 'events', { exactly: 0 })
  await goTo(scene, (days * 24 + 3) * hour)
  const begun = performance.now()
  const stolen = scene.attack([repeated(sent, request('203.0.113.66', key('acme')))])
  await waitUntil(() => eventsOf(scene, 'orders', 'started') > 0, 'the spike of a tenant is told', patience)
  report.line('theft.event-after', performance.now() - begun, 'ms', { atMost: 5000 })
  const statuses = await stolen
  const back = Math.floor(((performance.now() - begun) * tenantSpike.through) / minute)
  const others = await scene.attack([repeated(10, request('10.2.0.1', key('other')))])
  report.line('theft.sent', sent, 'requests', null)
  const most = dataplanes * (tenantSpike.minRequests - 1 + tenantSpike.through + back)
  report.line('theft.let-through', statuses.get(200) ?? 0, 'requests', { atMost: most })
  report.line('theft.refused', statuses.get(429) ?? 0, 'requests', { atLeast: sent - most })
  report.line('theft.other-tenant-passed', others.get(200) ?? 0, 'of-10', { exactly: 10 })
  const logged = async (): Promise<boolean> => (await records(about('203.0.113.66'))) === sent
  await waitUntil(logged, 'each request of the thief is in the log', patience)
  const marked = await records((line) => about('203.0.113.66')(line) && line['anomaly'] !== null)
  const unmarked = dataplanes * (tenantSpike.minRequests - 1)
  report.line('theft.records-that-tell', marked, 'lines', { atLeast: sent - unmarked })
  await goTo(scene, (days * 24 + 4) * hour)
  await scene.everywhere([request('10.1.0.1', key('acme'))])
  await waitUntil(() => eventsOf(scene, 'orders', 'ended') === dataplanes, 'its end is told', patience)
  const told = eventsOf(scene, 'orders', 'started') + eventsOf(scene, 'orders', 'ended')
  report.line('theft.events', told, 'events', { exactly: 2 * dataplanes })
}

/** What an address tries: keys, signatures and opaque tokens, and every other one opaque tokens alone. */
async function wrongCredentials({ impostor }: AbuseScene, each: number): Promise<(index: number, n: number) => string> {
  const forged = await Promise.all(
    Array.from({ length: each }, (_, n) => impostor.sign({ sub: `u${n}`, aud: 'orders', exp: farOff })),
  )
  const kinds = [
    (at: string): string => `X-Api-Key: k-${at}-0000000000000000000000000000`,
    (at: string): string => bearer(forged[Number(at.split('-').at(-1))]!),
    (at: string): string => bearer(`opaque-${at}`),
  ]
  return (index, n) => kinds[index % 2 === 1 ? 2 : n % 3]!(`${index}-${n}`)
}

/** Credential stuffing from many addresses, at five. */
async function stuffing(scene: AbuseScene, sizes: AbuseSizes, report: Report): Promise<void> {
  const { dataplanes, patience, records } = scene
  await goTo(scene, (sizes.days * 24 + 5) * hour)
  const address = (index: number): string => `10.50.0.${index + 1}`
  const known = bearer(await scene.issuer.sign({ sub: 'ada', aud: 'orders', tid: 'other', exp: farOff }))
  await scene.everywhere([request(address(0), known)])
  const wrong = await wrongCredentials(scene, sizes.each)
  const byAddress = Array.from({ length: sizes.stuffing }, (_, index) =>
    Array.from({ length: sizes.each }, (_unused, n) => request(address(index), wrong(index, n))),
  )
  const [questions, reached] = [scene.asked(), await scene.reached()]
  const statuses = await scene.attack(byAddress)
  const sent = sizes.stuffing * sizes.each
  const half = sizes.stuffing / 2
  report.line('stuffing.addresses', sizes.stuffing, 'addresses', null)
  report.line('stuffing.guesses', sent, 'requests', null)
  report.line('stuffing.let-through', (await scene.reached()) - reached, 'requests', { exactly: 0 })
  const judged = half * (guesses.address + guesses.provider)
  report.line('stuffing.judged', statuses.get(401) ?? 0, 'requests', { exactly: judged })
  report.line('stuffing.refused-unjudged', statuses.get(429) ?? 0, 'requests', { exactly: sent - judged })
  const asked = scene.asked() - questions
  report.line('stuffing.asked-the-provider', asked, 'calls', { atMost: sizes.stuffing * guesses.provider })
  const logged = async (): Promise<number> => (await records(about('10.50.'))) - dataplanes
  await waitUntil(async () => (await logged()) === sent, 'each guess is in the log', patience)
  report.line('stuffing.logged', await logged(), 'lines', { exactly: sent })
  const blocked = await records(about('10.50.', 'too-many-failures'))
  report.line('stuffing.logged-as-throttled', blocked, 'lines', { exactly: sent - judged })
  const honest = [0, 2, 4].flatMap((index) => [known, key('other')].map((one) => request(address(index), one)))
  const passed = await scene.everywhere([...honest, ...honest])
  const all = dataplanes * 2 * honest.length
  report.line('stuffing.honest-passed', passed.get(200) ?? 0, `of-${all}`, { exactly: all })
}

/** Key spraying: one client, from more addresses than any limit of an address sees, at seven. */
async function spraying(scene: AbuseScene, sizes: AbuseSizes, report: Report): Promise<void> {
  const { dataplanes, patience, records } = scene
  await goTo(scene, (sizes.days * 24 + 7) * hour)
  const started = eventsOf(scene, 'route', 'started')
  const address = (index: number): string => `10.66.${index >> 7}.${(index & 127) + 1}`
  const spray = async (): Promise<string[][]> => {
    const claims = { sub: 'alice', aud: 'orders', exp: farOff }
    const tokens = await Promise.all([0, 1, 2].map((n) => scene.impostor.sign({ ...claims, jti: String(n) })))
    return Array.from({ length: sizes.spraying }, (_, index) =>
      tokens.map((token) => request(address(index), bearer(token))),
    )
  }
  const reached = await scene.reached()
  const first = await scene.attack(await spray())
  const sent = 3 * sizes.spraying
  report.line('spraying.addresses', sizes.spraying, 'addresses', null)
  report.line('spraying.guesses', sent, 'requests', null)
  report.line('spraying.judged', first.get(401) ?? 0, 'requests', { exactly: sent })
  const told = (): number => eventsOf(scene, 'route', 'started') - started
  await waitUntil(() => told() === dataplanes, 'the spike of the route is told', patience)
  report.line('spraying.events', told(), 'events', { exactly: dataplanes })
  report.line('spraying.denied-after', await scene.deny('10.66.0.0/16'), 'ms', { atMost: sizes.denied })
  const second = await scene.attack(await spray())
  report.line('spraying.denied', second.get(403) ?? 0, 'requests', { exactly: sent })
  const logged = (): number | Promise<number> => records(about('10.66.', 'denied'))
  await waitUntil(async () => (await logged()) === sent, 'each refusal is in the log', patience)
  report.line('spraying.logged-as-denied', await logged(), 'lines', { exactly: sent })
  report.line('spraying.let-through', (await scene.reached()) - reached, 'requests', { exactly: 0 })
}

/** Lives for some days and a night, and is then robbed, guessed at and sprayed. */
export async function abuse(scene: AbuseScene, sizes: AbuseSizes, report: Report): Promise<void> {
  await live(scene, sizes.days * 24 + 3)
  await theft(scene, sizes, report)
  await stuffing(scene, sizes, report)
  await spraying(scene, sizes, report)
}
