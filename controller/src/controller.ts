import { seal, snapshotAfter, snapshotOf, type SealedResource, type Snapshot } from '@gatehouse/contract'
import { startAdminServer } from './adminServer.ts'
import type { Clock } from './clock.ts'
import { createCompiler, type Compiler } from './compile/compiler.ts'
import { soonestEnds } from './compile/expiry.ts'
import type { CompileOptions, InstallationRef } from './compile/options.ts'
import { tokenKeysOf, type TokenKey } from './compile/tokenKeys.ts'
import type { NextCompilation, Verdict } from './compile/verdict.ts'
import { countedDataPlanes, FleetSize, rememberedDataPlanes } from './fleetSize.ts'
import { startKeySetServer } from './keySetServer.ts'
import { errorCode, type Log } from './log.ts'
import { Loop } from './loop.ts'
import { createMetrics, type KeyEnd, type Metrics } from './metrics.ts'
import { deniedAddresses, readyEndpoints } from './ownService.ts'
import type { Authenticate } from './push/authenticate.ts'
import { Leadership } from './leadership.ts'
import type { Authority } from './push/authority.ts'
import { PushServer, type PushCredentials } from './push/server.ts'
import type { SessionState } from './push/sessions.ts'
import type { Fleet } from './status/fleet.ts'
import { Paces } from './status/paces.ts'
import type { WorldSource, World } from './world.ts'

/** What is known of every object after a compilation or a report of the data planes. */
export interface StatusReport {
  readonly verdicts: readonly Verdict[]
  readonly world: World
  readonly fleet: Fleet
  /** In which this controller led when it said so. */
  readonly term: number
}

/** Who tells people what became of their objects. Never called twice at a time, and never before the first snapshot. */
export type StatusSink = (report: StatusReport) => void

/** A socket to listen on; port 0 asks the operating system for one. */
export interface ListenAddress {
  readonly address: string
  readonly port: number
}

export interface ControllerOptions {
  readonly installation: InstallationRef
  readonly source: WorldSource
  readonly push: ListenAddress & {
    readonly credentials: PushCredentials
    /** Null = a certificate is enough. */
    readonly authenticate: Authenticate | null
  }
  /** Who says whether this controller leads; one that does not is ready to, and says nothing. */
  readonly authority: Authority
  /** Null = no admin server. */
  readonly admin: ListenAddress | null
  /** Where backends fetch the keys that requests are signed with; null = nowhere. */
  readonly keySet: ListenAddress | null
  /** `deniedAddresses` is added to those that the world tells of. */
  readonly compile: CompileOptions
  /** The data planes' own Service, whose ready endpoints are expected to serve; null = the sessions are. */
  readonly dataplaneService: InstallationRef | null
  /** The controllers' own Service, whose addresses are denied like those of the data planes; null = there is none. */
  readonly controllerService: InstallationRef | null
  readonly status: StatusSink
  readonly log: Log
  readonly clock: Clock
}

/** A running controller. */
export interface Controller {
  readonly pushPort: number
  /** Null without an admin server. */
  readonly adminPort: number | null
  /** Null without a key set server. */
  readonly keySetPort: number | null
  /** The connected data planes. */
  sessions(): readonly SessionState[]
  /** New push connections and publications use these. */
  replaceCredentials(credentials: PushCredentials): void
  /** To be called when the authority changes: begins to speak once the cluster was read anew, or ends the sessions. */
  authorityChanged(): void
  close(): Promise<void>
}

/** Milliseconds between two compilations, and between two reports that no compilation caused. */
const compileGap = 20
const reportGap = 100
/** Milliseconds between two reports although nothing happened: keys expire by themselves. */
const reportPause = 60_000

interface SequenceParts {
  readonly metrics: Metrics
  readonly push: PushServer
  readonly leadership: Leadership
  readonly size: FleetSize
}

/** The one sequence of a change: look at the world, compile it, publish it, report it. */
class Sequence {
  readonly #options: ControllerOptions
  readonly #metrics: Metrics
  readonly #push: PushServer
  readonly #leadership: Leadership
  readonly #compiler: Compiler
  readonly #size: FleetSize
  #snapshot: Snapshot | null = null
  /** Among how many limits are divided in the snapshot. */
  #dividedBy = 0
  /** The term for which what the leader before said was looked at. */
  #remembered: number | null = null
  #latest: { readonly world: World; readonly compilation: NextCompilation } | null = null

  constructor(options: ControllerOptions, { metrics, push, leadership, size }: SequenceParts) {
    this.#options = options
    this.#metrics = metrics
    this.#push = push
    this.#size = size
    this.#compiler = createCompiler(options.installation)
    this.#leadership = leadership
  }

  run(): void {
    const world = this.#options.source.world()
    if (world === null) return
    if (this.#latest === null) this.#options.log('synced')
    const started = this.#options.clock.monotonic()
    const compilation = this.#compiler.compile(world, this.#compileOptions(world))
    this.#metrics.compiled((this.#options.clock.monotonic() - started) / 1000)
    this.#latest = { world, compilation }
    const fleet = this.#fleetOf(world)
    const { set, removed } = compilation
    this.#publish({ set: fleet === null ? set : [...set, fleet], removed })
    this.report()
  }

  /** Says what became of every object, once there is something to say and this controller leads. */
  report(): void {
    if (this.#latest !== null && this.#snapshot !== null) this.#divide(this.#latest.world)
    const newest = this.#push.newest
    const term = this.#leadership.term()
    if (this.#latest === null || newest === null) return
    const { world, compilation } = this.#latest
    const sessions = this.#push.sessions()
    const { dataplaneService, status } = this.#options
    const expected = dataplaneService ? readyEndpoints(world, dataplaneService) : sessions.length
    const contentOf = (revision: string) => this.#push.contentOf(revision)
    this.#metrics.fleet({
      sessions: sessions.length,
      behind: sessions.filter(({ revision }) => revision !== newest.revision).length,
      refused: sessions.filter(({ refused, nack }) => refused.length > 0 || nack !== null).length,
    })
    if (term === null) return
    const { settling } = this.#leadership
    const { revision } = newest
    const fleet = { expected, sessions, revision, settling, dividedBy: this.#dividedBy, contentOf }
    status({ world, verdicts: compilation.verdicts, fleet, term })
  }

  /** Those of the installation; null before the world is known. */
  tokenKeys(): readonly TokenKey[] | null {
    if (this.#latest === null) return null
    return tokenKeysOf(this.#latest.world.Secret, this.#options.installation)?.keys ?? []
  }

  /** The soonest end of API keys, for each provider. */
  keyEnds(): readonly KeyEnd[] {
    const now = this.#options.clock.now()
    return (this.#latest?.compilation.verdicts ?? []).flatMap(({ namespace, name: policy, expiries = [] }) =>
      [...soonestEnds(expiries, now)].map(([provider, end]) => ({ namespace, policy, provider, end })),
    )
  }

  /** Publishes among how many limits are divided, where that is new. */
  #divide(world: World): void {
    const fleet = this.#fleetOf(world)
    if (fleet !== null) this.#publish({ set: [fleet], removed: [] })
  }

  /** @returns null when it is the same as in the snapshot */
  #fleetOf(world: World): SealedResource | null {
    const { installation, dataplaneService } = this.#options
    const term = this.#leadership.term()
    if (term !== null && term !== this.#remembered) this.#size.settle(rememberedDataPlanes(world, installation))
    this.#remembered = term
    const dataPlanes = this.#size.settle(countedDataPlanes(world, dataplaneService, this.#push.sessions()))
    if (dataPlanes === this.#dividedBy) return null
    this.#dividedBy = dataPlanes
    return seal({ kind: 'fleet', name: 'fleet', spec: { dataPlanes } })
  }

  #publish({ set, removed }: Pick<NextCompilation, 'set' | 'removed'>): void {
    const before = this.#snapshot
    const changed = set.length > 0 || removed.length > 0
    const snapshot = before === null ? snapshotOf(set) : changed ? snapshotAfter(before, set, removed) : before
    this.#snapshot = snapshot
    if (!this.#push.publish(snapshot)) return
    this.#metrics.published(snapshot.resources.size)
    this.#options.log('published', { revision: snapshot.revision, count: snapshot.resources.size })
  }

  #compileOptions(world: World): CompileOptions {
    const { compile: given, dataplaneService, controllerService } = this.#options
    const own = [dataplaneService, controllerService].filter((service) => service !== null)
    return { ...given, deniedAddresses: [...given.deniedAddresses, ...deniedAddresses(world, own)] }
  }
}

/** Tells the log who came, went and refused, by comparing the sessions with those before. */
function sessionLog(log: Log): (sessions: readonly SessionState[]) => void {
  let before = new Map<string, SessionState>()
  return (sessions) => {
    const now = new Map(sessions.map((session) => [session.instance, session]))
    for (const [instance, { nack }] of now) {
      const known = before.get(instance)
      if (!known) log('dataplane-connected', { instance })
      if (nack && nack !== known?.nack) {
        log('dataplane-nacked', { instance, code: nack.reason, ...(nack.revision ? { revision: nack.revision } : {}) })
      }
    }
    for (const instance of before.keys()) if (!now.has(instance)) log('dataplane-disconnected', { instance })
    before = now
  }
}

/** Tells the log when this controller begins to speak for the installation, and when it no longer does. */
function leaderLog(log: Log): (term: number | null) => void {
  let before: number | null = null
  return (term) => {
    if (term !== null && term !== before) log('leading', { term })
    if (term === null && before !== null) log('following', { term: before })
    before = term
  }
}

/** The push server, speaking as long as the leadership lasts. */
const listening = (
  { installation, push, clock, log }: ControllerOptions,
  leadership: Leadership,
  changed: () => void,
): Promise<PushServer> =>
  PushServer.listen({
    installation,
    ...push,
    authority: leadership,
    now: clock.now,
    unauthenticated: (instance, error) =>
      log('dataplane-unknown', { instance, code: error === null ? 'NOT_AUTHENTICATED' : errorCode(error) }),
    oversize: (revision) => log('push-too-large', { revision }),
    changed,
  })

/**
 * Starts a controller: it follows the source, compiles, pushes and reports until it is closed.
 *
 * @throws the operating system's error when an address cannot be listened on
 */
export async function startController(options: ControllerOptions): Promise<Controller> {
  const { source, log, clock } = options
  const tellSessions = sessionLog(log)
  const tellLeader = leaderLog(log)
  const leadership = new Leadership({
    authority: options.authority,
    relist: () => source.relist(),
    began: () => {
      tellLeader(leadership.term())
      // At once: data planes are let in from now on, and must not find what was known before.
      sequence.run()
    },
    settled: () => reports.mark(),
  })
  const metrics = createMetrics(leadership, () => sequence.keyEnds())
  const push: PushServer = await listening(options, leadership, () => {
    tellSessions(push.sessions())
    reports.mark()
  })
  const paces = new Paces({ clock, again: () => reports.mark() })
  const status: StatusSink = (report) => options.status({ ...report, fleet: paces.paced(report.fleet) })
  const size = new FleetSize({ clock, again: () => reports.mark() })
  const sequence = new Sequence({ ...options, status }, { metrics, push, leadership, size })
  const compilations = new Loop(() => sequence.run(), clock, compileGap)
  const reports = new Loop(() => sequence.report(), clock, reportGap)
  const passing = setInterval(() => reports.mark(), reportPause)
  log('push-listening', { address: `${options.push.address}:${push.port}` })
  const admin =
    options.admin && (await startAdminServer({ ...options.admin, metrics, ready: () => push.newest !== null }))
  const keySet = options.keySet && (await startKeySetServer({ ...options.keySet, keys: () => sequence.tokenKeys() }))
  if (keySet) log('key-set-listening', { address: `${options.keySet?.address}:${keySet.port}` })
  if (admin) log('admin-listening', { address: `${options.admin?.address}:${admin.port}` })
  source.start(
    () => compilations.mark(),
    () => reports.mark(),
  )
  log('started')
  return {
    pushPort: push.port,
    adminPort: admin?.port ?? null,
    keySetPort: keySet?.port ?? null,
    sessions: () => push.sessions(),
    replaceCredentials: (credentials) => push.replaceCredentials(credentials),
    authorityChanged: () => {
      leadership.changed()
      tellLeader(leadership.term())
      push.authorityChanged()
    },
    close: async () => {
      clearInterval(passing)
      for (const one of [leadership, compilations, reports, paces, size]) one.close()
      await source.close()
      await push.close()
      await admin?.close()
      await keySet?.close()
      log('stopped')
    },
  }
}
