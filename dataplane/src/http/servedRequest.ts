import type { ClientRequest, ClientResponse, ClientSide } from '../forward/clientSide.ts'
import type { Exchange } from '../forward/exchange.ts'
import { IncomingBody, type BodyFault, type CheckedBody } from '../forward/incomingBody.ts'
import { hasBody } from '../forward/upload.ts'
import { forward } from '../forward/forward.ts'
import type { NotForwarded } from '../forward/trip.ts'
import { settle, type Permit } from '../gateway/admit.ts'
import type { ConnectionFacts, RawRequest, RequestFacts } from '../gateway/facts.ts'
import type { Holder } from '../gateway/holder.ts'
import type { Decision, Gateway } from '../gateway/gateway.ts'
import { blankJudgement, decidedBy, refuseBlindly } from '../gateway/refusing.ts'
import { pushAnswerHeaders, type AnswerRules } from '../gateway/answerRules.ts'
import type {
  Check,
  Judgement,
  Preflight,
  QuotaState,
  Refusal,
  RefusalCode,
  UsageAnswer,
  Would,
} from '../gateway/refusal.ts'
import type { Kept } from '../state/slots.ts'
import type { UpstreamOutcome } from '../telemetry/record.ts'
import { isSmall } from './drain.ts'
import { ownAnswer } from './ownAnswer.ts'
import { grpcProblemOf, isGrpc } from './grpcProblem.ts'
import { problemOf, type Answer, type ProblemDetails } from './problem.ts'
import type { Service } from './service.ts'
import type { Stream } from './streams.ts'
import { usageAnswer } from './usageAnswer.ts'

/** What an answer says beside its code. */
type Details = Partial<Pick<ProblemDetails, 'challenge' | 'retryAfter' | 'findings'>>

/** What the record says where the client left before there was an answer (nginx's convention). */
const clientClosedRequest = 499

/**
 * One request from its head to the end of its response. It owns the response and the exchange, and writes exactly one
 * decision record, when both are over.
 */
export class ServedRequest<Q extends ClientRequest = ClientRequest, S extends ClientResponse = ClientResponse>
  implements ClientSide, Stream, Holder
{
  readonly id: string
  readonly request: Q
  readonly response: S
  /** What it began with; null before the first snapshot. */
  readonly gateway: Gateway | null
  readonly arrived: number
  expiresAt: number | null = null
  #maxStreamAge = 0
  admittedBy: Gateway | null
  place = -1
  readonly #service: Service
  readonly #connection: ConnectionFacts
  #exchange: Exchange | null = null
  #incoming: IncomingBody | null = null
  /** The client waits for a 100 before it sends the body. */
  #awaitsContinue: boolean
  /** What it has taken; null = nothing. */
  #kept: Kept[] | null = null
  #unsent: NotForwarded | null = null
  #permitted = false
  #decided = false
  #closed = false
  /** False when the rest of the request will never come. */
  #readable = true
  #code: RefusalCode | null = null
  #check: Check | null = null
  #judgement: Judgement = blankJudgement()
  #facts: RequestFacts | null = null
  #quotas: readonly QuotaState[] = []
  #answerRules: AnswerRules | null = null
  #would: Would | Promise<Would> | null = null

  constructor(
    service: Service,
    connection: ConnectionFacts,
    message: { readonly request: Q; readonly response: S },
    start: { readonly id: string; readonly awaitsContinue: boolean },
  ) {
    this.#service = service
    this.#connection = connection
    this.request = message.request
    this.response = message.response
    this.id = start.id
    this.gateway = service.gateway()
    this.admittedBy = this.gateway
    this.#awaitsContinue = start.awaitsContinue
    this.arrived = service.clock.monotonic()
  }

  /** Does its part now or when it is its turn. */
  inTurn(owner: () => string, work: () => void): void {
    this.#service.forwarding.turns.take(owner, work)
  }

  /** Goes on as admission decided. */
  decide(decision: Decision): void {
    if (this.#decided) return
    this.#decided = true
    try {
      if (decision.outcome === 'refusal') this.#refuse(decision)
      else if (decision.outcome === 'preflight') this.#preflight(decision)
      else if (decision.outcome === 'usage') this.#tellUsage(decision)
      else this.#forward(decision)
    } catch {
      this.failed('internal-error')
    }
    // What is tried beside a decision is tried when that has been acted upon (M9).
    const opinion = decision.outcome === 'permit' ? decision.content : decision
    this.#would = opinion.trial?.compare(opinion) ?? null
    if (this.#closed) this.#record()
  }

  /** Answers without asking admission. */
  refuse(code: RefusalCode, check: Check): void {
    this.decide(refuseBlindly(code, check))
  }

  /** Hands the request to a server that answers it without admission. */
  delegate(answer: (request: Q, response: S, id: string) => void): void {
    this.#decided = true
    this.#check = 'reserved'
    answer(this.request, this.response, this.id)
  }

  /** The response is over, or the client is gone. */
  close(): void {
    this.#closed = true
    for (const kept of this.#kept ?? []) kept.release()
    this.#kept = null
    this.#incoming?.close()
    this.#exchange?.close()
    this.#service.streams?.delete(this)
    if (this.#decided) this.#record()
  }

  /** What follows the head turned out not to be HTTP. */
  malformed(code: RefusalCode): void {
    this.#readable = false
    this.response.makeLast()
    if (!this.#decided) this.refuse(code, 'form')
    else if (this.#exchange !== null) this.#exchange.fail(code)
    else if (this.#incoming !== null && !this.response.headersSent) this.#incoming.fail(code)
    else this.response.quit()
  }

  failed(code: RefusalCode, retryAfter: number | null = null): void {
    this.#code = code
    // A body that is only counted is on its way when it turns out to be too large.
    if (code === 'body-too-large') this.#permitted = false
    this.#check = code === 'body-too-large' ? 'validation' : this.#readable ? 'forward' : 'form'
    this.#answer(code, { retryAfter })
  }

  goOn(): void {
    if (!this.#awaitsContinue) return
    this.#awaitsContinue = false
    this.response.goOn()
  }

  /** Whether there is no memory for a request that has not been let in yet. */
  get overloads(): boolean {
    return this.#service.overload?.overloaded === true
  }

  /** What its gateway admitted, as it came in. */
  get raw(): RawRequest {
    const { method = '', url = '', httpVersion, rawHeaders } = this.request
    return { method, target: url, httpVersion, rawHeaders, connection: this.#connection, id: this.id }
  }

  get agedAt(): number {
    const ages = this.#maxStreamAge > 0 && this.#exchange?.streams === true
    return ages ? this.arrived + this.#maxStreamAge : Infinity
  }

  end(code: RefusalCode): void {
    this.#exchange?.fail(code)
  }

  get over(): boolean {
    return this.#closed
  }

  keep(kept: Kept): void {
    this.#kept ??= []
    this.#kept.push(kept)
  }

  #follow(exchange: Exchange, { content }: Permit): void {
    this.#exchange = exchange
    this.expiresAt = content.principal?.expiresAt ?? null
    this.#maxStreamAge = content.plan.action.timeouts.maxStreamAge
    this.#service.streams?.add(this)
  }

  #refuse(refusal: Refusal): void {
    this.#code = refusal.code
    this.#check = refusal.check
    this.#learn(refusal)
    this.#answer(refusal.code, refusal)
  }

  /** What of a decision the answer and the record say. */
  #learn({ facts, judgement, quotas, answer }: Pick<Refusal, 'facts' | 'judgement' | 'quotas' | 'answer'>): void {
    this.#facts = facts
    this.#judgement = judgement
    this.#quotas = quotas
    this.#answerRules = answer
  }

  #preflight(decision: Preflight): void {
    const { headers } = decision
    this.#permitted = true
    this.#check = 'cors'
    this.#learn(decision)
    this.#say({ status: 204, headers: ['cache-control', 'no-store', 'x-request-id', this.id, ...headers], body: '' })
  }

  #tellUsage({ facts, judgement, readings }: UsageAnswer): void {
    this.#permitted = true
    this.#check = 'reserved'
    this.#facts = facts
    this.#judgement = judgement
    this.#say(usageAnswer(readings, this.id))
  }

  #forward(permit: Permit): void {
    this.#permitted = true
    this.#learn(permit.content)
    if (this.#closed) return
    if (permit.content.body.length > 0 && hasBody(this.request)) this.#receive(permit)
    else this.#depart(permit, null)
  }

  /** Reads and checks the body before it goes on. */
  #receive(permit: Permit): void {
    this.#incoming = new IncomingBody(this, permit, this.#service.forwarding, (outcome) => {
      try {
        if ('code' in outcome) this.#refuseBody(permit, outcome)
        else this.#depart(permit, outcome)
      } catch {
        this.failed('internal-error')
      }
    })
  }

  #refuseBody(permit: Permit, { code, by, findings }: BodyFault): void {
    const { judgement } = permit.content
    this.#permitted = false
    if (by !== null) decidedBy(judgement, { policy: by.policy, item: 'body', level: by.level })
    this.#code = code
    this.#check = code === 'config-invalid' ? 'config' : this.#readable ? 'validation' : 'form'
    this.#answer(code, { findings })
  }

  #depart(permit: Permit, body: CheckedBody | null): void {
    if (this.gateway === null) return
    const unsettled = settle(permit)
    if (!(unsettled instanceof Promise)) {
      this.#sendOn(permit, body, unsettled)
      return
    }
    void unsettled
      .then((late) => this.#closed || this.#sendOn(permit, body, late))
      .catch(() => this.failed('internal-error'))
  }

  /** @param refused - why it does not go on after all; null = it does */
  #sendOn(permit: Permit, body: CheckedBody | null, refused: Refusal | null): void {
    if (this.gateway === null) return
    if (refused !== null) {
      this.#permitted = false
      this.#refuse(refused)
      return
    }
    const { plan, facts } = permit.content
    if (plan.type === 'Answer') {
      this.#say(ownAnswer(plan, facts, this.#quotas))
      return
    }
    const departure = { permit, gateway: this.gateway, client: this, body }
    const departed = forward(departure, this.#service.forwarding)
    if ('code' in departed) {
      this.#unsent = departed
      this.#code = departed.code
      this.#check = 'forward'
      this.#answer(departed.code, { retryAfter: departed.retryAfter })
    } else this.#follow(departed, permit)
  }

  #answer(code: RefusalCode, { challenge = null, retryAfter = null, findings = [] }: Details = {}): void {
    // A client that does not know 421 would ask there for ever, and what did not arrive in time never will.
    const isLast = code === 'misdirected' || (code === 'request-timeout' && !this.request.complete)
    if (isLast) this.response.makeLast()
    const details = { requestId: this.id, challenge, retryAfter, findings, quotas: this.#quotas }
    if (!isGrpc(this.request)) {
      this.#say(problemOf(code, details))
      return
    }
    const problem = grpcProblemOf(code, details)
    this.response.addTrailers(problem.trailers)
    this.#say(problem)
  }

  /** Answers in the gateway's own name. */
  #say(answer: Answer): void {
    const { request, response } = this
    if (this.#closed || response.headersSent) return
    if (!request.complete && (this.#awaitsContinue || !isSmall(request))) response.makeLast()
    if (this.#answerRules !== null && this.#facts !== null)
      pushAnswerHeaders(answer.headers, this.#answerRules, this.#facts)
    response.writeHead(answer.status, answer.headers)
    // A client that was never told to go on does not send the body.
    const bodyComes = this.#readable && !this.#awaitsContinue
    if (bodyComes) response.endEarly(answer.body)
    else response.end(answer.body, 'latin1')
  }

  #upstream(): UpstreamOutcome | null {
    if (this.#exchange !== null) return this.#exchange.outcome()
    const upstream = this.#unsent?.upstream
    return upstream ? { upstream, address: null, status: null, headTime: null, tries: 0, failure: null } : null
  }

  #record(): void {
    if (this.#would instanceof Promise) void this.#would.then((would) => this.#write(would))
    else this.#write(this.#would)
  }

  #write(would: Would | null): void {
    const { request, response } = this
    const fault = this.#exchange?.fault ?? null
    const code = this.#code ?? fault ?? (this.#check === 'reserved' && response.statusCode === 404 ? 'no-route' : null)
    this.#service.record({
      requestId: this.id,
      revision: this.gateway?.revision ?? null,
      listener: (this.#facts?.connection ?? this.#connection).listener,
      method: request.method ?? '',
      host: this.#facts?.host ?? null,
      path: this.#facts?.path ?? null,
      clientAddress: this.#facts === null ? this.#connection.peerAddress : this.#facts.clientAddress,
      decision: this.#permitted ? 'permit' : 'refuse',
      code,
      check: this.#check ?? (code === null ? null : 'forward'),
      status: response.headersSent ? response.statusCode : clientClosedRequest,
      judgement: this.#judgement,
      would,
      quotas: this.#quotas,
      upstream: this.#upstream(),
      completed: response.writableFinished && fault === null,
      duration: this.#service.clock.monotonic() - this.arrived,
    })
  }
}
