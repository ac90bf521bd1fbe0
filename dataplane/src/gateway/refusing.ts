import type { Finding } from '@gatehouse/language/schema'
import type { PathTemplate } from '@gatehouse/language/template'
import type { AnswerRules } from './answerRules.ts'
import type { Holder } from './holder.ts'
import type { RequestFacts } from './facts.ts'
import type { Check, Judgement, QuotaState, Refusal, RefusalCode } from './refusal.ts'
import type { Trial } from './trial.ts'
import type { Witness } from './witness.ts'

/** A request on its way through admission. */
export interface Case {
  readonly facts: RequestFacts
  readonly judgement: Judgement
  /** By which the route matched: it names elements of the path. */
  template: PathTemplate | null
  /** Known once a rule is found. */
  answer: AnswerRules | null
  /** The method that it asks for where it is a preflight that the gateway answers. */
  preflight: string | null
  /** What is tried beside the decision (M9); null = nothing is in Shadow there, or this is the trial. */
  trial: Trial | null
  /** Sees the request to its end; null = nothing of it is kept. */
  readonly holder: Holder | null
  /** Who sees how the decision comes about; null = nobody. */
  readonly witness: Witness | null
}

export const blankJudgement = (): Judgement => ({
  route: null,
  rule: null,
  policy: null,
  item: null,
  level: null,
  anomaly: null,
  principal: null,
})

/** What a refusal says beside its code. */
interface Details {
  readonly challenge?: string | null
  /** Seconds. */
  readonly retryAfter?: number | null
  readonly quotas?: readonly QuotaState[]
  readonly findings?: readonly Finding[]
}

export const refuse = (
  { facts, judgement, answer, trial }: Case,
  code: RefusalCode,
  check: Check,
  details: Details = {},
): Refusal => ({
  outcome: 'refusal',
  code,
  check,
  judgement,
  facts,
  challenge: details.challenge ?? null,
  retryAfter: details.retryAfter ?? null,
  quotas: details.quotas ?? [],
  findings: details.findings ?? [],
  answer,
  trial,
})

/** For a request whose form is not sound, or that made the gateway fail. */
export const refuseBlindly = (code: RefusalCode, check: Check): Refusal => ({
  outcome: 'refusal',
  code,
  check,
  judgement: blankJudgement(),
  facts: null,
  challenge: null,
  retryAfter: null,
  quotas: [],
  findings: [],
  answer: null,
  trial: null,
})

/** What of a policy decided. */
export interface Decider {
  readonly policy: string | null
  readonly item: string | null
  readonly level: number | null
}

export function decidedBy(judgement: Judgement, { policy, item, level }: Decider): void {
  judgement.policy = policy
  judgement.item = item
  judgement.level = level
}
