import {
  closeCode,
  contractVersion,
  fromDataplane,
  maxMessageBytes,
  type Ack,
  type Hello,
  type Nack,
  type Snapshot,
  type Update,
} from '@gatehouse/contract'
import { WebSocket, type RawData } from 'ws'
import type { Authenticate } from './authenticate.ts'
import { difference } from './difference.ts'
import type { Publication, Publications } from './publications.ts'
import type { SessionState } from './sessions.ts'

/** Milliseconds within which a data plane says hello and is known for what it says it is. */
const helloTimeout = 10_000

export interface SessionContext {
  readonly publications: Publications
  readonly authenticate: Authenticate | null
  readonly unauthenticated: (instance: string, error: unknown) => void
  /** Milliseconds between pings; a peer silent for two of them is gone. */
  readonly pingInterval: number
  /** Milliseconds before everything is sent again after a nack; doubles with each nack in a row. */
  readonly resendDelay: number
  /** Milliseconds in which an update must be answered. */
  readonly answerTimeout: number
  /** Called when an update is larger than a data plane takes: it is not sent, and what was sent before stays. */
  readonly oversize: (revision: string) => void
  /** Called once a hello is accepted, and after each ack and nack. */
  readonly changed: (session: Session) => void
}

/** Of a data plane that has said nothing yet. */
const unheard: SessionState = {
  instance: '',
  version: '',
  revision: null,
  refused: [],
  openCircuits: [],
  storeFault: null,
  nack: null,
}

const saidIn = ({ refused, openCircuits, storeFault }: Ack) => ({
  refused,
  openCircuits: openCircuits ?? [],
  storeFault: storeFault ?? null,
})

/** One connected data plane. One update is on its way at a time, so a slow one is sent only what is newest then. */
export class Session {
  readonly #socket: WebSocket
  readonly #context: SessionContext
  readonly #timers: {
    hello: NodeJS.Timeout
    ping: NodeJS.Timeout
    resend: NodeJS.Timeout | null
    answer: NodeJS.Timeout | null
  }
  /** Set once its token is accepted. */
  #hello: Hello | null = null
  #greeted = false
  #state: SessionState = unheard
  /** The snapshot that the data plane holds, as far as is known. */
  #held: Snapshot | null = null
  #sent: Publication | null = null
  /** What it has answered last with an ack; null at the start of a session, whatever it holds. */
  #confirmed: Publication | null = null
  #nacks = 0
  #alive = true

  constructor(socket: WebSocket, context: SessionContext) {
    this.#socket = socket
    this.#context = context
    this.#timers = {
      hello: setTimeout(() => this.#tooLate(), helloTimeout),
      ping: setInterval(() => this.#ping(), context.pingInterval),
      resend: null,
      answer: null,
    }
    socket.on('message', (data, binary) => this.#receive(data, binary))
    socket.on('pong', () => (this.#alive = true))
    socket.on('error', () => socket.terminate())
    socket.on('close', () => this.#stop())
  }

  /** Null until the data plane has said hello. */
  get state(): SessionState | null {
    return this.#hello === null ? null : this.#state
  }

  /** Sends what is published, unless the data plane has confirmed it or something is on its way. */
  push(): void {
    const { publications, oversize, answerTimeout } = this.#context
    if (!publications.leads) return this.#socket.close(closeCode.notLeader)
    const { current } = publications
    if (current === null || this.#hello === null || this.#sent !== null) return
    if (this.#state.revision === current.signed.revision) this.#forgetNack(current.snapshot)
    if (this.#confirmed?.signed === current.signed || this.#timers.resend !== null) return
    const changes = difference(this.#held, current.snapshot)
    const frame = frameOf({ type: 'update', ...current.signed, complete: true, ...changes })
    if (frame === null) return oversize(current.signed.revision)
    this.#sent = current
    this.#socket.send(frame)
    // One that answers pings but no update would look connected for ever; a new session begins with what it holds.
    this.#timers.answer = setTimeout(() => this.#socket.close(closeCode.slowClient), answerTimeout)
  }

  close(code: number): void {
    this.#socket.close(code)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  #receive(data: RawData, binary: boolean): void {
    this.#alive = true
    const message = binary ? null : parse(data.toString())
    if (message === null) return this.#socket.close(closeCode.protocolError)
    if (message.type === 'hello') return this.#greet(message)
    if (message.type === 'ack' && this.#isRestated(message)) return this.#restate(message)
    if (this.#sent === null) return this.#socket.close(closeCode.protocolError)
    if (message.type === 'ack') return this.#acknowledge(message, this.#sent)
    return this.#refuse(message, this.#sent)
  }

  #greet(hello: Hello): void {
    if (this.#greeted) return this.#socket.close(closeCode.protocolError)
    if (hello.contract.min > contractVersion.max || hello.contract.max < contractVersion.min) {
      return this.#socket.close(closeCode.unsupportedContract)
    }
    this.#greeted = true
    const { authenticate, unauthenticated } = this.#context
    if (authenticate === null) return this.#admit(hello)
    const refuse = (error: unknown): void => {
      unauthenticated(hello.instance, error)
      this.#socket.close(closeCode.notAuthenticated)
    }
    authenticate(hello.token, hello.instance).then((ok) => (ok ? this.#admit(hello) : refuse(null)), refuse)
  }

  // Asked once in a session: while tokens cannot be checked, those that are known stay.
  #admit(hello: Hello): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    clearTimeout(this.#timers.hello)
    this.#hello = hello
    this.#held = this.#context.publications.find(hello.revision)
    this.#state = {
      ...this.#state,
      instance: hello.instance,
      version: hello.version,
      revision: this.#held?.revision ?? null,
    }
    this.#context.changed(this)
    this.push()
  }

  #tooLate(): void {
    this.#socket.close(this.#greeted ? closeCode.notAuthenticated : closeCode.protocolError)
  }

  #acknowledge(ack: Ack, sent: Publication): void {
    if (ack.revision !== sent.signed.revision) return this.#socket.close(closeCode.protocolError)
    this.#answered()
    this.#held = sent.snapshot
    this.#confirmed = sent
    this.#nacks = 0
    this.#state = { ...this.#state, revision: ack.revision, ...saidIn(ack), nack: null }
    this.#context.changed(this)
    this.push()
  }

  /** Whether it is said again of what is acknowledged already, and not the answer to what was sent last. */
  #isRestated({ revision }: Ack): boolean {
    return revision === this.#state.revision && revision !== this.#sent?.signed.revision
  }

  /** Something else is refused than before, such as when a port that was taken has become free, or circuits or the store have moved. */
  #restate(ack: Ack): void {
    this.#state = { ...this.#state, ...saidIn(ack) }
    this.#context.changed(this)
  }

  // What is at fault may be the difference: next time everything is sent, the first time at once.
  #refuse(nack: Nack, sent: Publication): void {
    this.#answered()
    this.#held = null
    this.#nacks++
    this.#state = { ...this.#state, nack: { revision: sent.signed.revision, reason: nack.reason } }
    this.#context.changed(this)
    if (this.#nacks === 1) return this.push()
    const delay = Math.min(this.#context.resendDelay * 2 ** (this.#nacks - 2), 60_000)
    this.#timers.resend = setTimeout(() => {
      this.#timers.resend = null
      this.push()
    }, delay)
  }

  /** What was refused is no longer wanted, but what it serves. */
  #forgetNack(serves: Snapshot): void {
    if (this.#state.nack === null || this.#state.nack.revision === serves.revision) return
    if (this.#timers.resend !== null) clearTimeout(this.#timers.resend)
    this.#timers.resend = null
    this.#nacks = 0
    this.#held = serves
    this.#state = { ...this.#state, nack: null }
    this.#context.changed(this)
  }

  #answered(): void {
    this.#sent = null
    if (this.#timers.answer !== null) clearTimeout(this.#timers.answer)
    this.#timers.answer = null
  }

  #ping(): void {
    if (!this.#alive) return this.#socket.terminate()
    if (!this.#context.publications.leads) return this.#socket.close(closeCode.notLeader)
    this.#alive = false
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping()
  }

  #stop(): void {
    clearTimeout(this.#timers.hello)
    clearInterval(this.#timers.ping)
    for (const timer of [this.#timers.resend, this.#timers.answer]) if (timer !== null) clearTimeout(timer)
  }
}

/** Null when a data plane would refuse it for its size, or when it is longer than a string can be. */
function frameOf(update: Update): string | null {
  try {
    const frame = JSON.stringify(update)
    return Buffer.byteLength(frame) <= maxMessageBytes ? frame : null
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

function parse(frame: string): Hello | Ack | Nack | null {
  let json: unknown
  try {
    json = JSON.parse(frame)
  } catch {
    return null
  }
  const parsed = fromDataplane.safeParse(json)
  return parsed.success ? parsed.data : null
}
