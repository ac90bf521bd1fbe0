import type { Finding } from '@gatehouse/language/schema'
import type { AnswerRules } from './answerRules.ts'
import type { QuotaReading } from '../policy/quotaReadings.ts'
import type { RequestFacts } from './facts.ts'
import type { Trial } from './trial.ts'

/**
 * Every answer that the gateway makes itself (M18): the one table from code to status and title. Codes are stable;
 * `urn:gatehouse:problem:CODE` is the `type` of the problem document (RFC 9457).
 */
export const refusals = {
  'bad-request': { status: 400, title: 'The request is malformed' },
  'bad-host': { status: 400, title: 'The Host header is missing, repeated or malformed' },
  'bad-path': { status: 400, title: 'The path is malformed or ambiguous' },
  'ambiguous-header': { status: 400, title: 'A header can be read in more than one way' },
  'ambiguous-query': { status: 400, title: 'The query can be read in more than one way' },
  'route-too-costly': { status: 400, title: 'The path, a header or the query is too long to be compared here' },
  'ambiguous-credential': { status: 400, title: 'More than one credential was presented' },
  unauthenticated: { status: 401, title: 'A valid credential is required' },
  'cors-refused': { status: 403, title: 'Pages of this origin may not ask for that' },
  'no-policy': { status: 403, title: 'No policy permits access' },
  forbidden: { status: 403, title: 'Access is denied' },
  denied: { status: 403, title: 'The caller is on a list of those who may not call' },
  'cross-site': { status: 403, title: 'The request comes from another site' },
  'no-route': { status: 404, title: 'Nothing is served here' },
  'validation-failed': { status: 400, title: 'The request does not have the form that is asked for' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'Bodies of this type or coding are not taken' },
  'expectation-failed': { status: 417, title: 'The expectation cannot be met' },
  misdirected: { status: 421, title: 'This connection does not serve that host' },
  'quota-exceeded': { status: 429, title: 'Too many requests' },
  'concurrency-exceeded': { status: 429, title: 'Too many requests run at once' },
  'unusual-traffic': { status: 429, title: 'There are far more requests than usual' },
  'too-many-failures': { status: 429, title: 'Too many wrong credentials came from this address' },
  'headers-too-large': { status: 431, title: 'The header section is too large' },
  'config-invalid': { status: 500, title: 'The configuration of this route is invalid' },
  'internal-error': { status: 500, title: 'The gateway failed' },
  'not-implemented': { status: 501, title: 'The method or upgrade is not supported' },
  'upstream-connect': { status: 502, title: 'The upstream could not be reached' },
  'upstream-protocol': { status: 502, title: 'The upstream gave no valid response' },
  'no-endpoint': { status: 503, title: 'No upstream is ready' },
  'circuit-open': { status: 503, title: 'The upstream is failing and is given time to recover' },
  'upstream-overloaded': { status: 503, title: 'The upstream has as many requests as it is given' },
  'namespace-full': { status: 503, title: 'As many requests are under way for this site as may be' },
  'key-set-unavailable': { status: 503, title: 'Credentials cannot be verified at present' },
  'introspection-unavailable': { status: 503, title: 'Credentials cannot be verified at present' },
  'quota-unavailable': { status: 503, title: 'Requests cannot be counted at present' },
  'replays-full': { status: 503, title: 'It cannot be told at present whether the credential was used before' },
  'validation-unavailable': { status: 503, title: 'Bodies cannot be checked at present' },
  overloaded: { status: 503, title: 'The gateway has no memory for more requests at present' },
  'not-ready': { status: 503, title: 'The gateway has no configuration yet' },
  'upstream-timeout': { status: 504, title: 'The upstream took too long' },
  'stream-expired': { status: 504, title: 'The stream has reached its greatest age' },
} as const

export type RefusalCode = keyof typeof refusals

/** When to ask again where nobody knows when there will be room, or an answer. Seconds. */
export const soon = 1

/** The stages of M8, in order; what a record and a metric call the check that ended a request. */
export const checks = [
  'connection',
  'load',
  'form',
  'reserved',
  'route',
  'config',
  'policy',
  'source-ip',
  'deny-list',
  'request-quota',
  'anomaly',
  'cors',
  'throttle',
  'authentication',
  'principal-quota',
  'concurrency',
  'authorization',
  'validation',
  'identity',
  'replay',
  'forward',
] as const

export type Check = (typeof checks)[number]

/** What is known about how a request was judged; the part of the decision record that admission fills in (M20). */
export interface Judgement {
  /** `namespace/name` of the GatewayRoute; null before a route was found. */
  route: string | null
  /** Name of the route's rule. */
  rule: string | null
  /** `namespace/name` of the AccessPolicy that decided. */
  policy: string | null
  /** Name of the policy's provider, authorization rule or quota that decided, or of the field of its validation. */
  item: string | null
  /** Level of that policy; see the contract's `level`. */
  level: number | null
  /** `namespace/name` of the AccessPolicy that finds the traffic unusual to which the request belongs; null = none does. */
  anomaly: string | null
  /** The principal's id (M5) once verified; null = anonymous or not yet known. */
  principal: string | null
}

/** Words for what everything in Shadow would have come to, once enforced. */
export const trialOutcomes = ['same', 'would-deny', 'would-allow', 'unknown'] as const

type TrialOutcome = (typeof trialOutcomes)[number]

/** What a request would have come to if everything in Shadow were enforced (M9), and what of it decided that. */
export interface Would {
  readonly outcome: TrialOutcome
  /** null = it would be permitted, or nobody knows. */
  readonly code: RefusalCode | null
  readonly check: Check | null
  readonly policy: string | null
  readonly item: string | null
  readonly level: number | null
}

/** A rate of a quota as answers and records name it. */
export interface ToldRate {
  /** Name of the quota. */
  readonly quota: string
  /** A structured string: the quota's name, and its window where it has several. */
  readonly item: string
  /** Item of RateLimit-Policy. */
  readonly policy: string
  /** Units. */
  readonly limit: number
  /** Milliseconds; null = it has no length of its own, as a month has none. */
  readonly window: number | null
}

/** How much a rate that counted has left, for the RateLimit fields and the record. */
export interface QuotaState {
  readonly rate: ToldRate
  /** Whole units. */
  readonly remaining: number
  /** Milliseconds until there is more. */
  readonly reset: number
}

/** A request that ends here. */
export interface Refusal {
  readonly outcome: 'refusal'
  readonly code: RefusalCode
  readonly check: Check
  readonly judgement: Judgement
  /** For the decision record; null when the request's form was not sound. */
  readonly facts: RequestFacts | null
  /** Value of WWW-Authenticate; only with 401. */
  readonly challenge: string | null
  /** Seconds; only with 429 and 503. */
  readonly retryAfter: number | null
  /** What counted, the nearest to its limit first. */
  readonly quotas: readonly QuotaState[]
  /** What is wrong with the request; only with `validation-failed`. */
  readonly findings: readonly Finding[]
  /** What else the answer says; null = nothing, or no rule was found. */
  readonly answer: AnswerRules | null
  /** What is tried beside the decision (M9); null = nothing is in Shadow there. */
  readonly trial: Trial | null
}

/** What a caller asked of its own quotas. */
export interface UsageAnswer {
  readonly outcome: 'usage'
  readonly judgement: Judgement
  readonly facts: RequestFacts
  readonly readings: readonly QuotaReading[]
  readonly trial: null
}

/** A preflight that the gateway answers itself: its page may ask. */
export interface Preflight {
  readonly outcome: 'preflight'
  readonly judgement: Judgement
  readonly facts: RequestFacts
  readonly quotas: readonly QuotaState[]
  readonly answer: AnswerRules
  /** Name, value, name, value … */
  readonly headers: readonly string[]
  readonly trial: Trial | null
}
