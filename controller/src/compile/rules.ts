import type { GatewayRouteSpec } from '@gatehouse/crds'
import type { Action, RuleMatch } from '@gatehouse/contract'
import type { MadeAuth } from './backendAuth.ts'
import { timerOf } from './durations.ts'
import { note, type Note } from './findings.ts'
import { memoised } from './memo.ts'
import { retryOf } from './retries.ts'
import type { Sealed } from './seal.ts'
import { timeoutsOf } from './timeouts.ts'
import type { Upstreams } from './upstreams.ts'

type RuleSpec = GatewayRouteSpec['rules'][number]
type Forward = Extract<Action, { type: 'Forward' }>

const everything: RuleMatch = { path: { type: 'PathPrefix', value: '/' }, methods: null, headers: [] }

/** What a rule matches; made once for each version of it. */
export const matchesOf = memoised((rule: RuleSpec): RuleMatch[] =>
  (rule.matches ?? []).length === 0
    ? [everything]
    : (rule.matches ?? []).map(({ path, methods, headers }) => ({
        path: path ?? everything.path,
        methods: methods ?? null,
        headers: (headers ?? []).map(({ name, value }) => ({ name: name.toLowerCase(), value })),
      })),
)

const breakerOf = memoised((rule: RuleSpec): Forward['breaker'] => {
  const { circuitBreaker: breaker } = rule
  if (!breaker) return null
  const { errorPercent, minRequests, window, openFor, slowCall } = breaker
  return {
    ...{ errorPercent, minRequests, window: timerOf(window), openFor: timerOf(openFor) },
    slowCall: slowCall === undefined ? null : timerOf(slowCall),
  }
})

const parallelOf = memoised(({ circuitBreaker: breaker }: RuleSpec): Forward['parallel'] =>
  breaker?.maxParallel === undefined ? null : { max: breaker.maxParallel, pending: breaker.maxPending ?? 0 },
)

/** Where a rule goes, and what there is to say about it. */
export interface RuleAction {
  readonly action: Action
  /** Names of upstreams that it uses. */
  readonly upstreams: readonly string[]
  /** What its backends need beside their upstreams. */
  readonly resources: readonly Sealed[]
  readonly notes: readonly Note[]
}

type BackendRef = RuleSpec['backendRefs'][number]

/** A backend that requests can be sent to, or why not. */
export interface ResolvedBackend {
  readonly upstream: ReturnType<Upstreams['use']>
  readonly auth: MadeAuth
}

/** The most that a rule may ask for. */
export interface RuleBounds {
  /** Milliseconds; 0 = no bound. */
  readonly maxTimeout: number
  /** 0 = none. */
  readonly maxRetries: number
}

/**
 * The action of a rule. A backend that does not resolve keeps its share, which is answered 500; a rule whose weights
 * are all 0 goes nowhere and is answered 500 as a whole.
 *
 * @param at - JSON pointer to the rule
 */
export function actionOf(
  rule: RuleSpec,
  at: string,
  bounds: RuleBounds,
  resolve: (ref: BackendRef) => ResolvedBackend,
): RuleAction {
  if (rule.backendRefs.every(({ weight }) => weight === 0)) {
    const notes = [note('PartiallyInvalid', 'NoWeight', `${at}/backendRefs`)]
    return { action: { type: 'Refuse', code: 'config-invalid' }, upstreams: [], resources: [], notes }
  }
  const notes: Note[] = []
  const upstreams: string[] = []
  const resources: Sealed[] = []
  const backends = rule.backendRefs.map((ref, index): Forward['backends'][number] => {
    const { weight } = ref
    const { upstream: found, auth } = resolve(ref)
    const place = `${at}/backendRefs/${index}`
    if ('reason' in found) notes.push(note('ResolvedRefs', found.reason, place))
    if ('reason' in auth) notes.push(note('ResolvedRefs', auth.reason, `${place}/auth`))
    if ('reason' in found || 'reason' in auth) return { type: 'Invalid', weight }
    upstreams.push(found.upstream)
    if (auth.resource) resources.push(auth.resource)
    return { type: 'Upstream', weight, upstream: found.upstream, auth: auth.auth }
  })
  const timeouts = timeoutsOf(rule.timeouts, bounds.maxTimeout)
  const retry = retryOf(rule, bounds.maxRetries)
  const [breaker, parallel] = [breakerOf(rule), parallelOf(rule)]
  return { action: { type: 'Forward', backends, timeouts, retry, breaker, parallel }, upstreams, resources, notes }
}
