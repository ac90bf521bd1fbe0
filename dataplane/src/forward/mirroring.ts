import type { ForwardPlan, PlannedMirror } from '../gateway/actionPlan.ts'
import type { Gateway, PermitContent } from '../gateway/gateway.ts'
import { edited } from '../gateway/pathEdit.ts'
import type { MirrorOutcome, Mirrors } from '../state/mirrors.ts'
import type { PooledAddress, PooledUpstream, Pools } from '../state/pools.ts'
import { MirrorCall } from './mirrorCall.ts'
import { requestHeaders } from './requestHeaders.ts'
import { rulesOf } from './rulesOf.ts'
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
  readonly plan: ForwardPlan
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
    if (!fits || !this.#state.mirrors.bodies.take(this.#original.plan.namespace, chunk.length)) {
      this.#drop('too-large')
      return
    }
    this.#held += chunk.length
    this.#chunks.push(Buffer.from(chunk))
  }

  /** There is nothing to wait for. @param body - null = none */
  complete(body: Buffer | null): void {
    if (body !== null) this.take(body)
    this.whole()
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
    const { gateway, content, plan } = this.#original
    const { namespace } = plan
    const pooled = pools.upstream(gateway, mirror.upstream, plan.action.timeouts.connect)
    const address = pooled === null ? null : addressOf(pooled)
    if (pooled === null || address === null) {
      this.#ended('no-endpoint')
      return
    }
    if (!mirrors.begin(namespace)) {
      this.#ended('busy')
      return
    }
    // Without `whole` no credential goes on (M10).
    const copied = { ...content, whole: null, identityHeaders: [] }
    const authority = plan.action.rewrite?.hostname ?? pooled.authority
    const to = { authority, hasBody: body !== null, proof: null, edit: mirror.edit }
    const headers = requestHeaders(copied, rulesOf(gateway), to)
    const call = new MirrorCall(address, (outcome) => {
      mirrors.end(namespace)
      this.#ended(outcome)
    })
    const { method, path, query } = content.facts
    const target = (plan.path === null ? path : edited(plan.path, path)) + query
    address.pool.dispatch({ method, path: target, headers, body, reset: false }, call)
  }

  #ended(outcome: MirrorOutcome): void {
    this.#state.mirrors.count(outcome)
    this.#left--
    if (this.#left === 0) this.#give()
  }

  /** Gives back what the body took up. */
  #give(): void {
    this.#state.mirrors.bodies.give(this.#original.plan.namespace, this.#held)
    this.#held = 0
  }
}

/** @returns null when nothing can be sent there, also since certificates of the upstream cannot be read */
function addressOf(pooled: PooledUpstream): PooledAddress | null {
  try {
    return pooled.next(null)
  } catch {
    return null
  }
}
