import type { Clock } from '../clock.ts'
import { authenticate, type Authentication, type Authenticator, type Failure } from '../policy/authentication.ts'
import type { WorkBudget } from '../state/workBudget.ts'
import { isRefusal, type Opinion } from './gateway.ts'
import type { Check, Refusal, Would } from './refusal.ts'
import type { Witness } from './witness.ts'

interface TrialTools {
  readonly work: WorkBudget
  readonly clock: Clock
  /** The providers that decide; null = none do. */
  readonly enforced: Authenticator | null
}

type Judge = (witness: Witness) => Opinion | Promise<Opinion>

const unknown: Would = { outcome: 'unknown', code: null, check: null, policy: null, item: null, level: null }

/** What the providers that decide would say is not known when they were not asked. */
const unasked: Failure = { code: 'key-set-unavailable', provider: null, challenge: null, retryAfter: null }

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
    if (isRefusal(decision) && isFinal(decision.check)) return sameAs(decision)
    if (!work.allows()) return unknown
    const begun = clock.monotonic()
    try {
      const opinion = this.#judge({ authentication: (authenticator, facts) => this.#caller(authenticator, facts) })
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
    return authenticate(authenticator, facts, () => this.#tools.clock.now())
  }
}

/** What must pass at every level stays refused whatever comes beside it; and a quota that decides counts once. */
const isFinal = (check: Check): boolean => ['source-ip', 'request-quota', 'principal-quota'].includes(check)

function sameAs({ code, check, judgement: { policy, item, level } }: Refusal): Would {
  return { outcome: 'same', code, check, policy, item, level }
}

function compared(decision: Opinion, opinion: Opinion): Would {
  const { policy, item, level } = opinion.judgement
  if (!isRefusal(opinion)) {
    return { outcome: isRefusal(decision) ? 'would-allow' : 'same', code: null, check: null, policy, item, level }
  }
  const { code, check } = opinion
  const outcome = code === 'key-set-unavailable' ? 'unknown' : isRefusal(decision) ? 'same' : 'would-deny'
  return { outcome, code, check, policy, item, level }
}
