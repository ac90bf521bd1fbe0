import type { GatewayRouteSpec } from '@gatehouse/crds'
import { ownHeaders, type Action, type RuleMatch } from '@gatehouse/contract'
import type { BackendSpec, ResolvedBackend, UnresolvedBackend } from './backends.ts'
import { balancingOf } from './balancing.ts'
import { timerOf } from './durations.ts'
import { note, type Note } from './findings.ts'
import { headerChangesOf, refusedChanges, type TakenNames } from './headerChanges.ts'
import { checkedBackend } from './healthChecks.ts'
import { memoised } from './memo.ts'
import { mirrorsOf } from './mirrors.ts'
import { pathChangeOf, redirectAction, respondAction } from './ownAnswer.ts'
import type { Purse } from './purse.ts'
import { retryOf } from './retries.ts'
import type { Sealed } from './seal.ts'
import { timeoutsOf } from './timeouts.ts'

type RuleSpec = GatewayRouteSpec['rules'][number]
type Forward = Extract<Action, { type: 'Forward' }>

const everything: RuleMatch = { path: { type: 'PathPrefix', value: '/' }, methods: null, headers: [], queryParams: [] }

/** What a rule matches; made once for each version of it. */
export const matchesOf = memoised((rule: RuleSpec): RuleMatch[] =>
  (rule.matches ?? []).length === 0
    ? [everything]
    : (rule.matches ?? []).map(({ path, methods, headers, queryParams }) => ({
        path: path ?? everything.path,
        methods: methods ?? null,
        headers: (headers ?? []).map((header) => ({ ...header, name: header.name.toLowerCase() })),
        queryParams: queryParams ?? [],
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

/** The most that a rule may ask for. */
export interface RuleBounds {
  /** Milliseconds; 0 = no bound. */
  readonly maxTimeout: number
  /** 0 = none. */
  readonly maxRetries: number
}

/** What actions are made from beside their own text. */
export interface ActionSources {
  readonly bounds: RuleBounds
  /** Dashed names that the route does not write into requests. */
  readonly taken: ReadonlySet<string>
  readonly resolve: (ref: BackendSpec, at: string) => ResolvedBackend | UnresolvedBackend
  /** What the namespace may still spend on routes. */
  readonly purse: Purse
}

const alone = (action: Action, ...notes: readonly Note[]): RuleAction => ({
  action,
  upstreams: [],
  resources: [],
  notes,
})
const refused = (...notes: readonly Note[]): RuleAction => alone({ type: 'Refuse', code: 'config-invalid' }, ...notes)

const nothing: ReadonlySet<string> = new Set()

/** Names that a rule's answers have by themselves. */
const namesInAnswers = ({ redirect, respond }: RuleSpec): ReadonlySet<string> =>
  redirect ? ownHeaders.Redirect : respond ? ownHeaders.Respond : nothing

/**
 * The action of a rule. One that would change headers that are not its own is answered 500 as a whole.
 *
 * @param at - JSON pointer to the rule
 */
export function actionOf(rule: RuleSpec, at: string, sources: ActionSources): RuleAction {
  const taken = { inRequests: sources.taken, inResponses: namesInAnswers(rule) }
  const reserved = refusedChanges(rule, at, taken)
  if (reserved.length > 0) return refused(note('PartiallyInvalid', 'HeaderReserved', ...reserved))
  const { redirect, respond, responseHeaders } = rule
  const answered = { responseHeaders, timeouts: timeoutsOf(rule.timeouts, sources.bounds.maxTimeout) }
  if (redirect) return alone(redirectAction(redirect, answered))
  if (respond) return alone(respondAction(respond, answered))
  return forwardAction(rule, at, { ...sources, taken })
}

/** A backend that does not resolve keeps its share, which is answered 500; a rule whose weights are all 0 goes nowhere. */
function forwardAction(
  rule: RuleSpec,
  at: string,
  { bounds, taken, resolve, purse }: Omit<ActionSources, 'taken'> & { readonly taken: TakenNames },
): RuleAction {
  const refs = rule.backendRefs ?? []
  if (refs.every(({ weight }) => weight === 0))
    return refused(note('PartiallyInvalid', 'NoWeight', `${at}/backendRefs`))
  const made = refs.map((ref, index) => {
    const place = `${at}/backendRefs/${index}`
    return madeBackend(ref, place, checkedBackend(resolve(ref, place), place, rule, purse), taken)
  })
  const { mirrors, upstreams, notes } = mirrorsOf(rule.mirrors ?? [], `${at}/mirrors`, resolve)
  const { hostname = null, path } = rule.rewrite ?? {}
  return {
    action: {
      type: 'Forward',
      backends: made.map(({ backend }) => backend),
      mirrors: [...mirrors],
      rewrite: rule.rewrite ? { hostname, path: pathChangeOf(path) } : null,
      requestHeaders: headerChangesOf(rule.requestHeaders),
      responseHeaders: headerChangesOf(rule.responseHeaders),
      timeouts: timeoutsOf(rule.timeouts, bounds.maxTimeout),
      retry: retryOf(rule, bounds.maxRetries),
      breaker: breakerOf(rule),
      parallel: parallelOf(rule),
      balancing: balancingOf(rule),
      upgrades: rule.upgrades ?? [],
    },
    upstreams: [...made.flatMap(({ backend }) => (backend.type === 'Upstream' ? backend.upstream : [])), ...upstreams],
    resources: made.flatMap(({ resources }) => resources),
    notes: [...made.flatMap((one) => one.notes), ...notes],
  }
}

interface MadeBackend {
  readonly backend: Forward['backends'][number]
  readonly resources: readonly Sealed[]
  readonly notes: readonly Note[]
}

/** @param at - JSON pointer to the reference */
function madeBackend(
  ref: BackendSpec,
  at: string,
  found: ResolvedBackend | UnresolvedBackend,
  taken: TakenNames,
): MadeBackend {
  const { weight } = ref
  const reserved = refusedChanges(ref, at, taken)
  const notes = [
    ...('notes' in found ? found.notes : []),
    ...(reserved.length > 0 ? [note('PartiallyInvalid', 'HeaderReserved', ...reserved)] : []),
  ]
  if ('notes' in found || notes.length > 0) return { backend: { type: 'Invalid', weight }, resources: [], notes }
  const { upstream, auth, resources } = found
  const changes = {
    requestHeaders: headerChangesOf(ref.requestHeaders),
    responseHeaders: headerChangesOf(ref.responseHeaders),
  }
  return { backend: { type: 'Upstream', weight, upstream, auth, ...changes }, resources, notes }
}
