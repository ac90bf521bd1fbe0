import type { PlannedMirror } from '../gateway/actionPlan.ts'
import type { Gateway, PermitContent } from '../gateway/gateway.ts'
import type { MirrorOutcome, Mirrors } from '../state/mirrors.ts'
import type { Pools } from '../state/pools.ts'
import { MirrorCall } from './mirrorCall.ts'
import { requestHeaders } from './requestHeaders.ts'
import { rulesOf } from './trip.ts'
import type { Tap } from './upload.ts'

/** Where copies go: connections of their own, so that no request waits for one. */
export interface MirrorState {
  readonly pools: Pools
  readonly mirrors: Mirrors
}

/** A request of which copies are made. */
export interface Original {
  readonly gateway: Gateway
  readonly content: PermitContent
  readonly namespace: string
  /** What Host says; null = each mirror's own authority. */
  readonly hostname: string | null
  /** As backends get it, without query. */
  readonly path: string
}

/** Most bytes of a body that is copied. */
const maxCopied = 128 * 1024

/** Those of a rule's mirrors that get a copy of this request; null = none. */
export function drawn(
  mirrors: readonly PlannedMirror[],
  method: string,
  random: () => number,
): readonly PlannedMirror[] | null {
  const chosen = mirrors.filter(({ methods, share }) => methods.has(method) && random() < share)
  return chosen.length === 0 ? null : chosen
}

/**
 * Copies of one request, sent once all of it is there. Nothing of the request waits for them, and what goes wrong with
 * them is counted and nothing more.
 */
export class Mirroring implements Tap {
  readonly #original: Original
  readonly #chosen: readonly PlannedMirror[]
  readonly #state: MirrorState
  #chunks: Buffer[] = []
  #held = 0
  #left = 0
  #over = false

  constructor(original: Original, chosen: readonly PlannedMirror[], state: MirrorState) {
    this.#original = original
    this.#chosen = chosen
    this.#state = state
  }

  /** What comes of the body. It is copied, since a slice would keep all of what it is cut from. */
  take(chunk: Buffer): void {
    if (this.#over) return
    const fits = this.#held + chunk.length <= maxCopied
    if (!fits || !this.#state.mirrors.bodies.take(this.#original.namespace, chunk.length)) {
      this.#drop('too-large')
      return
    }
    this.#held += chunk.length
    this.#chunks.push(Buffer.from(chunk))
  }

  /** All of the body is there. */
  whole(): void {
    if (this.#over) return
    this.#over = true
    const body = this.#chunks.length === 0 ? null : Buffer.concat(this.#chunks)
    this.#chunks = []
    this.#left = this.#chosen.length
    for (const mirror of this.#chosen) this.#send(mirror, body)
  }

  /** No more of the body comes. */
  close(): void {
    if (!this.#over) this.#drop('cut-off')
  }

  #drop(outcome: MirrorOutcome): void {
    this.#over = true
    this.#chunks = []
    for (const _ of this.#chosen) this.#state.mirrors.count(outcome)
    this.#give()
  }

  #send(mirror: PlannedMirror, body: Buffer | null): void {
    const { pools, mirrors } = this.#state
    const { gateway, content, namespace, hostname, path } = this.#original
    const pooled = pools.upstream(gateway, mirror.upstream, content.plan.action.timeouts.connect)
    const target = pooled?.next(null) ?? null
    if (pooled === null || target === null) {
      this.#ended('no-endpoint')
      return
    }
    if (!mirrors.begin(namespace)) {
      this.#ended('busy')
      return
    }
    // Without `whole` no credential goes on (M10).
    const copied = { ...content, whole: null, identityHeaders: [] }
    const to = { authority: hostname ?? pooled.authority, hasBody: body !== null, proof: null, edit: mirror.edit }
    const headers = requestHeaders(copied, rulesOf(gateway), to)
    const call = new MirrorCall(target, (outcome) => {
      mirrors.end(namespace)
      this.#ended(outcome)
    })
    const { method, query } = content.facts
    target.pool.dispatch({ method, path: path + query, headers, body, reset: false }, call)
  }

  #ended(outcome: MirrorOutcome): void {
    this.#state.mirrors.count(outcome)
    this.#left--
    if (this.#left === 0) this.#give()
  }

  /** Gives back what the body took up. */
  #give(): void {
    this.#state.mirrors.bodies.give(this.#original.namespace, this.#held)
    this.#held = 0
  }
}
