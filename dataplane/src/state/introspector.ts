import type { Clock } from '../clock.ts'
import type { Presented } from '../policy/credential.ts'
import type { Verdict } from '../policy/verdict.ts'
import type { BreakerCall, Breakers, BreakerSettings, CallOutcome } from './breakers.ts'
import type { IntrospectedTokens } from './introspectedTokens.ts'
import type { IntrospectionClient, IntrospectionReply } from './introspectionClient.ts'

/** What an answer says of a token; `malformed`: it says nothing that could be relied on. */
export type Judged = Extract<Verdict, { type: 'valid' | 'invalid' }> | 'inactive' | 'malformed'

/** @param now - milliseconds since the epoch */
export type Judge = (answer: Readonly<Record<string, unknown>>, now: number) => Judged

/** How asking ended; `unfit`: the token is active, but not for this provider. */
export const introspectionOutcomes = [
  'active',
  'inactive',
  'unfit',
  'malformed',
  'status',
  'rejected',
  'unauthorized',
  'timeout',
  'unreachable',
  'saturated',
  'circuit-open',
] as const
export type IntrospectionOutcome = (typeof introspectionOutcomes)[number]

/** Asks one provider's introspection endpoint. It survives snapshots as long as nothing about the provider changes (M16). */
export interface Introspector {
  /** What is remembered of a token; null = it has to be asked about. Never waits. */
  recall(digest: string): Verdict | null
  /** Asks, once for all who ask for the same token at the same time. Never rejects. */
  ask(token: Presented, judge: Judge): Promise<Verdict>
}

export interface IntrospectorOptions {
  /** Names the circuit. */
  readonly identity: string
  readonly client: IntrospectionClient
  readonly tokens: IntrospectedTokens
  readonly breakers: Breakers
  readonly clock: Clock
  readonly maxInFlight: number
  readonly observe: (outcome: IntrospectionOutcome) => void
}

/** Five failures in ten seconds that are half of the calls: then five seconds of rest for the server. */
const breakerSettings: BreakerSettings = {
  errorPercent: 50,
  minRequests: 5,
  window: 10_000,
  openFor: 5000,
  slowCall: null,
}

const unavailable = (milliseconds: number): Verdict => ({
  type: 'unavailable',
  retryAfter: Math.max(1, Math.ceil(milliseconds / 1000)),
})

/** What many ask at once is one guess. */
const unforged = (verdict: Verdict): Verdict =>
  verdict.type === 'invalid' ? { type: 'invalid', forged: false } : verdict

export function createIntrospector(options: IntrospectorOptions): Introspector {
  const { identity, tokens, breakers, maxInFlight, observe } = options
  const flights = new Map<string, Promise<Verdict>>()
  return {
    recall: (digest) => tokens.recall(digest),
    ask: (token, judge) => {
      const { digest } = token
      const flight = flights.get(digest)
      if (flight !== undefined) return flight.then(unforged)
      if (flights.size >= maxInFlight) {
        observe('saturated')
        return Promise.resolve(unavailable(0))
      }
      const call = breakers.enter(identity, breakerSettings)
      if ('retryIn' in call) {
        observe('circuit-open')
        return Promise.resolve(unavailable(call.retryIn))
      }
      const asked = asking(options, token, judge, call).finally(() => flights.delete(digest))
      flights.set(digest, asked)
      return asked
    },
  }
}

async function asking(
  options: IntrospectorOptions,
  token: Presented,
  judge: Judge,
  call: BreakerCall,
): Promise<Verdict> {
  const { client, clock, observe } = options
  const asked = clock.monotonic()
  const reply = await client.ask(token.text)
  const judged = reply.type === 'answer' ? judge(reply.answer, clock.now()) : null
  const outcome = outcomeOf(reply, judged)
  observe(outcome)
  call.report(faultOf(outcome))
  if (judged === null || judged === 'malformed') return unavailable(0)
  return remembered(options.tokens, token.digest, judged, { asked, size: reply.type === 'answer' ? reply.size : 0 })
}

function remembered(
  tokens: IntrospectedTokens,
  digest: string,
  judged: Exclude<Judged, 'malformed'>,
  answer: { readonly asked: number; readonly size: number },
): Verdict {
  if (judged !== 'inactive' && judged.type === 'valid') {
    tokens.storeActive(digest, judged, answer)
    return judged
  }
  const forged = judged === 'inactive' && !tokens.hasSeen(digest)
  tokens.storeInactive(digest, answer.asked)
  return { type: 'invalid', forged }
}

function outcomeOf(reply: IntrospectionReply, judged: Judged | null): IntrospectionOutcome {
  if (reply.type !== 'answer') return reply.type
  if (judged === null || judged === 'malformed') return 'malformed'
  if (judged === 'inactive') return 'inactive'
  return judged.type === 'valid' ? 'active' : 'unfit'
}

/** Only the server's own faults count: what the text of a token can cause must not shut out everybody else. */
function faultOf(outcome: IntrospectionOutcome): CallOutcome {
  if (outcome === 'active' || outcome === 'inactive' || outcome === 'unfit') return 'success'
  return outcome === 'rejected' ? 'neutral' : 'fault'
}
