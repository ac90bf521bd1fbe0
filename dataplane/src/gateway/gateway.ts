import type { Balancing, ResourceSpec, ServerName } from '@gatehouse/contract'
import type { BodySchema } from '../policy/validation.ts'
import type { Weights } from '../policy/weights.ts'
import type { Principal } from '../policy/principal.ts'
import type { AnswerRules } from './answerRules.ts'
import type { TokenSigner } from '../policy/requestToken.ts'
import type { ActionPlan } from './actionPlan.ts'
import type { Permit } from './admit.ts'
import type { RawRequest, RequestFacts } from './facts.ts'
import type { Holder } from './holder.ts'
import type { Judgement, Preflight, QuotaState, Refusal, UsageAnswer } from './refusal.ts'
import type { Trial } from './trial.ts'
import type { Witness } from './witness.ts'

/** What admission decides: forward this, or answer that. */
export type Decision = Permit | Refusal | Preflight | UsageAnswer

/** A promise only when something has to be waited for. */
export type Admission = Decision | Promise<Decision>

/** A schema that a body must fit, and whose it is. */
export interface PlannedBody extends BodySchema {
  /** `namespace/name`. */
  readonly policy: string
  readonly level: number
}

/** The content of a {@link Permit}. */
export interface PermitContent {
  readonly facts: RequestFacts
  readonly plan: ActionPlan
  /** For the decision record. */
  readonly judgement: Judgement
  readonly principal: Principal | null
  /** The request with its credential, where that goes on to the backend; null = it does not. */
  readonly whole: RequestFacts | null
  /** Lower-case names of headers that held credentials and do not go on (M10). */
  readonly credentialHeaders: readonly string[]
  /** Lower-case names of the only headers of the client that go on; null = all that M10 leaves. */
  readonly allowedHeaders: ReadonlySet<string> | null
  /** Identity headers to write last: name, value, name, value … */
  readonly identityHeaders: readonly string[]
  /** What counted, the nearest to its limit first. */
  readonly quotas: readonly QuotaState[]
  /** What its answer may say that it has cost; null = nothing. */
  readonly weights: Weights | null
  /** Most bytes of the body. */
  readonly maxBodySize: number
  /** Schemas that the body must fit before it goes on; empty = it is not looked at. */
  readonly body: readonly PlannedBody[]
  /** Marks a credential that counts once when the body was found right; null = it is marked, or there is none. */
  readonly mark: (() => Refusal | null | Promise<Refusal | null>) | null
  /** What the answer says beside what the backend does; null = nothing. */
  readonly answer: AnswerRules | null
  /** What is tried beside the decision (M9); null = nothing is in Shadow there. */
  readonly trial: Trial | null
}

/** What a request comes to, without leave to forward it. */
export type Opinion = PermitContent | Refusal | Preflight | UsageAnswer

export const isRefusal = (opinion: Opinion): opinion is Refusal => 'code' in opinion

/** Who an upstream must prove to be, and as whom the gateway comes to it. */
export interface UpstreamTlsView {
  /** In lower case. */
  readonly hostname: string
  readonly subjectAltNames: readonly ServerName[]
  /** PEM certificates; null = the system's authorities. */
  readonly anchors: readonly string[] | null
  readonly client: ResourceSpec<'certificate'> | null
  /** The same for the same certificates and names, and for no others. */
  readonly key: string
}

/** An upstream and its ready addresses in this snapshot. */
export interface UpstreamView {
  readonly spec: ResourceSpec<'upstream'>
  readonly addresses: ResourceSpec<'endpoints'>['addresses']
  /** null = plain text. */
  readonly tls: UpstreamTlsView | null
}

/** An upstream that some rule spreads its requests over, and how. */
export interface BalancedUse {
  readonly upstream: string
  /** Of the rule, the same object each time. */
  readonly balancing: Balancing
}

/** A compiled snapshot. Immutable: a request keeps the gateway that it began with. */
export interface Gateway {
  readonly revision: string
  readonly installation: ResourceSpec<'installation'>
  readonly upstreams: ReadonlyMap<string, UpstreamView>
  /** What its rules say beyond one address after the other. */
  readonly balanced: readonly BalancedUse[]
  /** Headers that prove the gateway to backends, by name of their resource. */
  readonly backendHeaders: ReadonlyMap<string, ResourceSpec<'backendHeader'>>
  /** null = there are no keys to sign with. */
  readonly signer: TokenSigner | null
  /** A namespace that would answer for what a request costs; empty = none would. It costs reading the head. */
  ownerOf(request: RawRequest): string
  /**
   * Checks the request's form, then runs the stages of M8 up to forwarding. Never throws.
   *
   * @param holder - gives back what the request has taken when it is over, also when it is refused
   */
  admit(request: RawRequest, holder: Holder): Admission
  /** Decides as `admit` does, gives no leave, and lets somebody look on. */
  judge(request: RawRequest, witness: Witness): Opinion | Promise<Opinion>
}
