import type { RequestControl, ResponseHandler } from '../state/connections.ts'
import type { PooledAddress } from '../state/pools.ts'
import type { MirrorOutcome } from '../state/mirrors.ts'

/** How long a copy may take, and how much of its answer is read so that the connection is kept: milliseconds and bytes. */
const maxTime = 10_000
const maxRead = 64 * 1024

/** Why a copy was cut off; never leaves this process. */
const enough = new Error('the copy has had its time')

/** One copy of a request on its way: its answer is read and dropped. It tells once, when its connection is done with it. */
export class MirrorCall implements ResponseHandler {
  readonly #target: PooledAddress
  readonly #done: (outcome: MirrorOutcome) => void
  readonly #deadline: NodeJS.Timeout
  #controller: RequestControl | null = null
  #outcome: MirrorOutcome | null = null
  #read = 0
  #released = false

  constructor(target: PooledAddress, done: (outcome: MirrorOutcome) => void) {
    this.#target = target
    this.#done = done
    this.#deadline = setTimeout(() => this.#cut('late'), maxTime).unref()
    target.inFlight++
  }

  onRequestStart(controller: RequestControl): void {
    // Throwing takes the request off the connection; an abort would cost the connection.
    if (this.#outcome !== null) throw enough
    this.#controller = controller
  }

  onBodySent(): void {}

  onRequestSent(): void {}

  onResponseStart(): void {}

  onResponseData(_controller: RequestControl, chunk: Buffer): void {
    this.#read += chunk.length
    if (this.#read > maxRead) this.#cut('answered')
  }

  onResponseEnd(): void {
    this.#release('answered')
  }

  onResponseError(): void {
    this.#release('failed')
  }

  #cut(outcome: MirrorOutcome): void {
    this.#outcome ??= outcome
    this.#controller?.abort(enough)
  }

  #release(outcome: MirrorOutcome): void {
    if (this.#released) return
    this.#released = true
    clearTimeout(this.#deadline)
    this.#target.inFlight--
    this.#target.ended('neutral', null, null)
    this.#done(this.#outcome ?? outcome)
  }
}
