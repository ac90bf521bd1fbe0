import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import type { Json } from '@gatehouse/contract'
import { expiryWord } from '../compile/expiry.ts'
import { listOf, member, textOf } from '../compile/raw.ts'
import type { Verdict } from '../compile/verdict.ts'
import type { Clock } from '../clock.ts'
import type { Authority } from '../push/authority.ts'
import { isLater, objectKey, type World, type WorldObject } from '../world.ts'
import { readConditions } from './conditions.ts'
import type { EventRecorder } from './eventRecorder.ts'
import { dueEvents } from './events.ts'
import type { Fleet } from './fleet.ts'
import { fleetView, type FleetView } from './fleetView.ts'
import { writeStatus, type StatusChange, type StatusClient } from './statusWrite.ts'

/** What is to be said, and of which look at the world. */
export interface Statements {
  readonly verdicts: readonly Verdict[]
  readonly world: World
  readonly fleet: Fleet
  /** In which this process led when it made them; afterwards they are not written. */
  readonly term: number
}

/** What could not be written in one round. */
export interface WriteFailure {
  /** `Kind namespace/name` of the first object. */
  readonly object: string
  readonly error: unknown
  /** How many objects. */
  readonly count: number
}

export interface StatusWriterOptions {
  readonly client: StatusClient
  readonly authority: Authority
  readonly events: EventRecorder
  /** See `controllerNameOf`. */
  readonly controllerName: string
  readonly clock: Clock
  /** Called at most once a round. */
  readonly failed: (failure: WriteFailure) => void
  /** Milliseconds that statements may ripen, so that what the data planes answer at once is in the first write. */
  readonly settle?: number
  /** Milliseconds after which it is said that data planes do not serve something yet. */
  readonly patience?: number
  /** Milliseconds between a round with failures and the next. */
  readonly retry?: number
}

type Raw = WorldObject['raw']

const concurrency = 8
/** Objects after which other work gets its turn. */
const stride = 64

/** What a verdict was compared with when there was nothing to write. */
interface Said {
  readonly raw: Raw
  /** From {@link FleetView}. */
  readonly word: string
}

interface Found {
  readonly objects: ReadonlyMap<string, WorldObject>
  readonly object: WorldObject | undefined
}

/** One look at all verdicts. */
interface Round extends Statements {
  readonly view: FleetView
}

const versionOf = (raw: Raw): string => textOf(member(raw['metadata'], 'resourceVersion')) ?? ''

/** The conditions that this installation wrote. */
function ownConditions(kind: Verdict['kind'], status: Json | undefined, controllerName: string) {
  if (kind === 'Gatehouse') {
    return [status, ...listOf(member(status, 'listeners'))].flatMap((one) => readConditions(member(one, 'conditions')))
  }
  return listOf(member(status, kind === 'GatewayRoute' ? 'parents' : 'ancestors'))
    .filter((entry) => member(entry, 'controllerName') === controllerName)
    .flatMap((entry) => readConditions(member(entry, 'conditions')))
}

/**
 * Writes statuses, each only when it differs from what the object has. Newer statements replace those that wait, and
 * what fails is tried again.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions
  readonly #stop = new AbortController()
  /** Objects as our own writes left them, until the world has them, by uid. */
  readonly #answers = new Map<string, Raw>()
  /** Where the objects of verdicts were found. */
  readonly #found = new WeakMap<Verdict, Found>()
  /** Verdicts of which all is said. */
  readonly #said = new WeakMap<Verdict, Said>()
  /** Since when data planes lack what a verdict needs, in milliseconds of the monotonic clock. */
  #awaited: ReadonlyMap<Verdict, number> = new Map()
  #next: Statements | null = null
  /** Where the next round begins: statements that come faster than a round ends must not keep anybody waiting. */
  #cursor = 0
  #running: Promise<void> | null = null

  constructor(options: StatusWriterOptions) {
    this.#options = options
  }

  /** Resolves when nothing is left to be written. Never rejects. */
  write(statements: Statements): Promise<void> {
    this.#next = statements
    this.#running ??= this.#run(this.#stop.signal)
    return this.#running
  }

  /** Begins no further write, and waits for those under way. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { settle = 100, retry = 5_000 } = this.#options
    // The only rejection of a pause is the abort, which the condition of the loop sees.
    const wait = (time: number): Promise<void> => pause(time, undefined, { signal }).catch(() => undefined)
    await wait(settle)
    while (this.#next !== null && !signal.aborted) {
      const statements = this.#next
      this.#next = null
      const { failure, awaits } = await this.#round({ ...statements, view: fleetView(statements.fleet) })
      if (failure !== null && !signal.aborted) {
        this.#options.failed(failure)
        this.#next ??= statements
        await wait(retry)
        continue
      }
      if (awaits) this.#next ??= statements
      if (this.#next !== null) await wait(settle)
    }
    this.#running = null
  }

  /** @returns what failed, and whether something was held back because data planes may serve it at any moment */
  async #round(round: Round): Promise<{ readonly failure: WriteFailure | null; readonly awaits: boolean }> {
    const due = this.#due(round)
    this.#await(due, round)
    let failure: WriteFailure | null = null
    let begun = 0
    let awaits = false
    const work = async (): Promise<void> => {
      // Newer statements speak of the same objects, and the old ones are not worth a request.
      while (begun < due.length && this.#next === null && !this.#stop.signal.aborted) {
        const verdict = due[begun]!
        begun += 1
        if (begun % stride === 0) await turn()
        try {
          if (this.#isAwaited(verdict)) awaits = true
          else await this.#one(verdict, round)
        } catch (error) {
          const object: string = failure?.object ?? `${verdict.kind} ${objectKey(verdict)}`
          failure = { object, error, count: (failure?.count ?? 0) + 1 }
        }
      }
    }
    await Promise.all(Array.from({ length: concurrency }, work))
    this.#cursor = begun < due.length ? round.verdicts.indexOf(due[begun]!) : 0
    if (failure === null && begun === due.length) this.#forget(round.verdicts)
    return { failure, awaits }
  }

  /** The verdicts of which something may be left to say. */
  #due({ verdicts, world, view }: Round): readonly Verdict[] {
    const due: Verdict[] = []
    for (let index = 0; index < verdicts.length; index += 1) {
      const verdict = verdicts[(index + this.#cursor) % verdicts.length]!
      const object = this.#objectOf(verdict, world)
      if (object === undefined) continue
      const said = this.#said.get(verdict)
      if (said?.raw !== this.#latest(object) || said.word !== this.#wordFor(verdict, view)) due.push(verdict)
    }
    return due
  }

  /** As long as it is the same for the same verdict, so are its conditions. Null = it must be looked at. */
  #wordFor(verdict: Verdict, view: FleetView, now = this.#options.clock.now()): string | null {
    const word = view.wordFor(verdict)
    if (word === null || verdict.expiries === undefined) return word
    return `${word} ${expiryWord(verdict.expiries, now)}`
  }

  /** The object of a verdict. It is looked up once for each state of the objects of its kind. */
  #objectOf(verdict: Verdict, world: World): WorldObject | undefined {
    const objects = world[verdict.kind]
    const known = this.#found.get(verdict)
    if (known?.objects === objects) return known.object
    const object = objects.get(objectKey(verdict))
    this.#found.set(verdict, { objects, object })
    return object
  }

  /** Takes down which verdicts await data planes, and since when. */
  #await(due: readonly Verdict[], { view }: Round): void {
    const now = this.#options.clock.monotonic()
    const awaited = due.filter((verdict) => view.isAwaited(verdict))
    this.#awaited = new Map(awaited.map((verdict) => [verdict, this.#awaited.get(verdict) ?? now]))
  }

  /** Whether data planes may yet serve it before there is need to say that they do not. */
  #isAwaited(verdict: Verdict): boolean {
    const { clock, patience = 2_000 } = this.#options
    const since = this.#awaited.get(verdict)
    return since !== undefined && clock.monotonic() - since < patience
  }

  async #one(verdict: Verdict, { world, fleet, term, view }: Round): Promise<void> {
    const object = this.#objectOf(verdict, world)
    const { client, controllerName, clock, authority } = this.#options
    const mayWrite = (): boolean => authority.term() === term
    if (!object || !mayWrite()) return
    const now = clock.now()
    const input = { verdict, fleet, writer: { controllerName, now }, mayWrite }
    const latest = this.#latest(object)
    const change = await writeStatus(client, input, latest)
    const word = this.#wordFor(verdict, view, now)
    if (change === null && word !== null && mayWrite()) this.#said.set(verdict, { raw: latest, word })
    if (change === null) return
    this.#answers.set(verdict.uid, change.after)
    if (mayWrite()) await this.#tell(object, change)
  }

  /** The object as the world has it, or as our own last write left it where the world has not seen that yet. */
  #latest({ meta, seen }: WorldObject): Raw {
    const answer = this.#answers.get(meta.uid)
    if (answer && isLater(versionOf(answer), versionOf(seen.raw))) return answer
    this.#answers.delete(meta.uid)
    return seen.raw
  }

  #forget(verdicts: readonly Verdict[]): void {
    if (this.#answers.size === 0) return
    const present = new Set(verdicts.map(({ uid }) => uid))
    for (const uid of this.#answers.keys()) if (!present.has(uid)) this.#answers.delete(uid)
  }

  async #tell(object: WorldObject, { before, after }: StatusChange): Promise<void> {
    const { controllerName, events } = this.#options
    const kind = object.kind as Verdict['kind']
    const conditions = (raw: Raw) => ownConditions(kind, raw['status'], controllerName)
    await events.record(object, dueEvents(conditions(before), conditions(after)))
  }
}
