import { isPermit, type Permit } from '../gateway/admit.ts'
import type { PlannedBody } from '../gateway/gateway.ts'
import type { RefusalCode } from '../gateway/refusal.ts'
import type { Clock } from '../clock.ts'
import { checkBody, type BodyReply } from '../policy/bodyCheck.ts'
import type { BodyBudget } from '../state/bodyBudget.ts'
import type { BodyBuffers } from '../state/bodyBuffers.ts'
import type { Turns } from '../state/turns.ts'
import type { BodyWorkers, WorkerVerdict } from '../state/bodyWorkers.ts'
import { Deadlines, type Timekeeping } from './deadlines.ts'
import type { ClientSide } from './clientSide.ts'

/** Bodies above this are checked by a worker: reading takes about a millisecond for each 32 KiB, with many names three. */
const maxAtOnce = 32 * 1024
/** Steps of a check on the thread that serves everybody, about two milliseconds; what needs more goes to a worker. */
const steps = 200_000

/** Where bodies are held and checked. */
export interface BodyDesk {
  readonly budget: BodyBudget
  readonly workers: BodyWorkers
}

/** What a body that is looked at needs of what requests share. */
export interface IncomingState extends Timekeeping {
  readonly bodies: BodyDesk
  readonly buffers: BodyBuffers
  readonly turns: Turns
}

/** A body that was found right, for one permit. The private field makes it nominal: only this file can make one. */
class Checked {
  readonly bytes: Buffer
  readonly #permit: Permit

  constructor(bytes: Buffer, permit: Permit) {
    this.bytes = bytes
    this.#permit = permit
  }

  static isFor(body: object, permit: Permit): boolean {
    return #permit in body && (body as Checked).#permit === permit
  }
}

export type CheckedBody = Checked

/** Whether a body was found right for this permit. */
export const isCheckedFor = (body: CheckedBody, permit: Permit): boolean => Checked.isFor(body, permit)

/** Why a body does not go on. */
export interface BodyFault {
  readonly code: RefusalCode
  /** Whose schema it is; null = none in particular. */
  readonly by: PlannedBody | null
  readonly findings: readonly Exclude<BodyReply, string>[number][]
}

/**
 * A body that must be looked at before it goes on. It is held, within its bound and the budget of its namespace, then
 * checked; what was held is given back with {@link IncomingBody.close}, whatever happened.
 */
export class IncomingBody {
  readonly #client: ClientSide
  readonly #permit: Permit
  readonly #desk: BodyDesk
  readonly #buffers: BodyBuffers
  readonly #turns: Turns
  readonly #clock: Clock
  readonly #done: (outcome: CheckedBody | BodyFault) => void
  readonly #deadlines: Deadlines
  readonly #chunks: Buffer[] = []
  #held = 0
  #ended = false
  #closed = false

  /** @param done - called at most once, and not after {@link IncomingBody.close} */
  constructor(
    client: ClientSide,
    permit: Permit,
    state: IncomingState,
    done: (outcome: CheckedBody | BodyFault) => void,
  ) {
    if (!isPermit(permit)) throw new TypeError('only what was admitted is received')
    this.#client = client
    this.#permit = permit
    this.#desk = state.bodies
    this.#buffers = state.buffers
    this.#turns = state.turns
    this.#clock = state.clock
    this.#done = done
    const { timeouts } = permit.content.plan.action
    this.#deadlines = new Deadlines(state, { ...timeouts, backendRequest: 0 }, client.arrived, () =>
      this.#fail('request-timeout'),
    )
    this.#deadlines.tryBegan(true, this.#clock.monotonic())
    client.request.on('data', this.#take)
    client.request.on('end', this.#end)
    client.goOn()
  }

  /** Forgets the body. */
  close(): void {
    this.#stop()
    if (this.#closed) return
    this.#closed = true
    this.#chunks.length = 0
    this.#desk.budget.give(this.#namespace, this.#held)
  }

  /** The request cannot be read any further. */
  fail(code: RefusalCode): void {
    this.#fail(code)
  }

  get #namespace(): string {
    return this.#permit.content.plan.namespace
  }

  readonly #take = (chunk: Buffer): void => {
    this.#buffers.came(chunk.length)
    this.#deadlines.touch()
    if (this.#held + chunk.length > this.#permit.content.maxBodySize) {
      this.#fail('body-too-large')
      return
    }
    if (!this.#desk.budget.take(this.#namespace, chunk.length)) {
      this.#fail('validation-unavailable')
      return
    }
    this.#held += chunk.length
    this.#chunks.push(chunk)
  }

  readonly #end = (): void => {
    this.#stop()
    const bytes = this.#joined()
    const check = (): void => {
      if (!this.#closed) this.#check(bytes, this.#checkHere(bytes))
    }
    if (bytes.length > maxAtOnce) this.#check(bytes, 'exhausted')
    else this.#turns.take(() => this.#namespace, check)
  }

  /** @param verdict - of the check on this thread; `exhausted` = a worker has to say */
  #check(bytes: Buffer, verdict: BodyReply): void {
    if (verdict !== 'exhausted') {
      this.#conclude(bytes, verdict)
      return
    }
    const rules = this.#permit.content.body.map(({ text, maxDepth }) => ({ text, maxDepth }))
    void this.#desk.workers.check(this.#namespace, { bytes, rules }).then((reply) => this.#conclude(bytes, reply))
  }

  /** All of it in one piece. The parts are let go at once: no more than one body is there twice, however many are held. */
  #joined(): Buffer {
    const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#held)
    this.#chunks.length = 0
    return bytes
  }

  #checkHere(bytes: Buffer): BodyReply {
    return checkBody(bytes, this.#permit.content.body, { steps, now: () => this.#clock.monotonic() })
  }

  #conclude(bytes: Buffer, verdict: WorkerVerdict): void {
    if (this.#closed) return
    const [by = null] = this.#permit.content.body
    if (verdict === 'unavailable') this.#done({ code: 'validation-unavailable', by: null, findings: [] })
    else if (verdict === 'broken') this.#done({ code: 'config-invalid', by, findings: [] })
    else if (verdict === 'exhausted')
      this.#done({ code: 'validation-failed', by, findings: [{ pointer: '/body', reason: 'too-costly' }] })
    else if (verdict.length > 0) this.#done({ code: 'validation-failed', by, findings: verdict })
    else this.#done(new Checked(bytes, this.#permit))
  }

  #fail(code: RefusalCode): void {
    if (this.#ended || this.#closed) return
    this.#stop()
    this.#done({ code, by: null, findings: [] })
  }

  #stop(): void {
    if (this.#ended) return
    this.#ended = true
    this.#deadlines.close()
    this.#client.request.off('data', this.#take)
    this.#client.request.off('end', this.#end)
  }
}
