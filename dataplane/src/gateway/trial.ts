import type { Clock } from '../clock.ts'
import { authenticate, type Authentication, type Authenticator, type Failure } from '../policy/authentication.ts'
import type { WorkBudget } from '../state/workBudget.ts'
import { isRefusal, type Opinion } from './gateway.ts'
import type { Check, Refusal, RefusalCode, Would } from './refusal.ts'
import type { Witness } from './witness.ts'

interface TrialTools {
  readonly work: WorkBudget
  readonly clock: Clock
  /** The providers that decide; null = none do. */
  readonly enforced: Authenticator | null
  /** Says who calls in place of authentication; null = nobody does. */
  readonly witness: Witness | null
}

type Judge = (witness: Witness) => Opinion | Promise<Opinion>

const unknown: Would = { outcome: 'unknown', code: null, check: null, policy: null, item: null, level: null }

/** What the providers that decide would say is not known when they were not asked. */
const unasked: Failure = {
  code: 'key-set-unavailable',
  provider: null,
  challenge: null,
  retryAfter: null,
  forged: false,
}

/** What verifying a signature is charged with: it is done beside the event loop, so that no clock sees it. Milliseconds. */
const signature = 1

/**
 * The second evaluation of one request (M9). It runs when the decision is made and acted upon, and at most as much as its
 * budget allows; it asks nobody outside, and whatever goes wrong in it is `unknown`.
 */
export class Trial {
  /** Who calls, by the providers that decide; undefined = they were not asked. */
  known: Authentication | undefined = undefined
  readonly #tools: TrialTools
  readonly #judge: Judge

  constructor(tools: TrialTools, judge: Judge) {
    this.#tools = tools
    this.#judge = judge
  }

  /** @param decision - what was decided without anything that is in Shadow */
  compare(decision: Opinion): Would | Promise<Would> {
    const { work, clock } = this.#tools
    if (isRefusal(decision) && finalChecks.has(decision.check)) return sameAs(decision)
    if (!work.allows()) return unknown
    const begun = clock.monotonic()
    try {
      const opinion = this.#judge({
        counts: true,
        authentication: (authenticator, facts) => this.#caller(authenticator, facts),
        saw: () => {},
      })
      if (!(opinion instanceof Promise)) return compared(decision, opinion)
      work.spend(signature)
      return opinion.then(
        (late) => compared(decision, late),
        () => unknown,
      )
    } catch {
      return unknown
    } finally {
      work.spend(clock.monotonic() - begun)
    }
  }

  #caller(...[authenticator, facts]: Parameters<Witness['authentication']>) {
    if (authenticator === this.#tools.enforced) return this.known === undefined ? unasked : this.known
    const { witness } = this.#tools
    if (witness !== null) return witness.authentication(authenticator, facts)
    return authenticate(authenticator, facts, () => this.#tools.clock.now())
  }
}

/**
 * What must pass at every level stays refused whatever comes beside it; and what a quota or a credential that counts once
 * has used up is used up once.
 */
const finalChecks: ReadonlySet<Check> = new Set([
  'source-ip',
  'deny-list',
  'request-quota',
  'throttle',
  'principal-quota',
  'concurrency',
  'anomaly',
  'replay',
])

function sameAs({ code, check, judgement: { policy, item, level } }: Refusal): Would {
  return { outcome: 'same', code, check, policy, item, level }
}

/** What a credential is worth only somebody outside could say, who is not asked; and what went wrong is nobody's verdict. */
const cannotTell: ReadonlySet<RefusalCode> = new Set([
  'key-set-unavailable',
  'introspection-unavailable',
  'internal-error',
])

function compared(decision: Opinion, opinion: Opinion): Would {
  const { policy, item, level } = opinion.judgement
  if (!isRefusal(opinion)) {
    return { outcome: isRefusal(decision) ? 'would-allow' : 'same', code: null, check: null, policy, item, level }
  }
  const { code, check } = opinion
  const outcome = cannotTell.has(code) ? 'unknown' : isRefusal(decision) ? 'same' : 'would-deny'
  return { outcome, code, check, policy, item, level }
}
