import {
  dashed,
  ownHeaders,
  type Action,
  type HeaderChanges,
  type RefusedReason,
  type ResourceSpec,
} from '@gatehouse/contract'
import { headerEdit, mayAll, requestMay, responseMay, type HeaderEdit } from './headerEdit.ts'
import { pathEdit, type PathEdit } from './pathEdit.ts'

type ActionOf<T extends Action['type']> = Extract<Action, { type: T }>
type Backend = ActionOf<'Forward'>['backends'][number]
type Upstream = Extract<Backend, { type: 'Upstream' }>

/** A backend of a rule; what the rule and the backend change of headers is one edit. */
export type PlannedBackend =
  | (Omit<Upstream, 'requestHeaders' | 'responseHeaders'> & {
      readonly requestEdit: HeaderEdit | null
      readonly responseEdit: HeaderEdit | null
    })
  | Extract<Backend, { type: 'Invalid' }>

/** A mirror of a rule. */
export interface PlannedMirror {
  readonly upstream: string
  /** With HEAD where GET is. */
  readonly methods: ReadonlySet<string>
  /** From 0 to 1. */
  readonly share: number
  /** What the rule changes, and what no mirror gets (M10). */
  readonly edit: HeaderEdit | null
}

interface Planned {
  /** `namespace/route/rule`: the identity that breakers and per-route metrics are keyed by (M16). */
  readonly key: string
  readonly namespace: string
  /** What becomes of the path; null = nothing. */
  readonly path: PathEdit | null
}

/** Where a permitted request may go, by reference to the gateway that it began with. */
export interface ForwardPlan extends Planned {
  readonly type: 'Forward'
  readonly action: Omit<ActionOf<'Forward'>, 'backends'> & { readonly backends: readonly PlannedBackend[] }
  /** null = none. */
  readonly mirrors: readonly PlannedMirror[] | null
}

/** What a permitted request is answered with by the gateway itself. */
export interface AnswerPlan extends Planned {
  readonly type: 'Answer'
  readonly action: ActionOf<'Redirect' | 'Respond'>
  readonly edit: HeaderEdit | null
}

/** What becomes of a permitted request. */
export type ActionPlan = ForwardPlan | AnswerPlan

type RouteSpec = ResourceSpec<'route'>
type RuleSpec = RouteSpec['rules'][number]

/** What an action is made ready with. */
export interface ActionMaking {
  readonly route: RouteSpec
  readonly rule: RuleSpec & { readonly action: Exclude<Action, { type: 'Refuse' }> }
  /** Lower-case names that only the gateway writes into requests. */
  readonly identityHeaders: readonly string[]
  /** Whether an upstream of this name can be used. */
  upstream(name: string): boolean
  /** @param field - of the action */
  report(field: string, reason: RefusedReason): void
}

/** Lower-case names of headers that policies give a meaning. */
interface TakenHeaders {
  /** Of requests, in which credentials are looked for. */
  readonly credentials: readonly string[]
  /** Of answers, which say what quotas are charged and go no further. */
  readonly weights: readonly string[]
}

/**
 * Makes the action of a rule ready.
 *
 * @returns null when it cannot be done as it is written, so that the rule refuses (M7)
 */
export function actionPlan(making: ActionMaking, { credentials, weights }: TakenHeaders): ActionPlan | null {
  const { route, rule } = making
  const { namespace, name } = route.object
  const named = { key: `${namespace}/${name}/${rule.name}`, namespace }
  const change = pathChangeOf(rule.action)
  const path = change === null ? null : pathEdit(change, rule.matches)
  if (change !== null && path === null) {
    making.report(rule.action.type === 'Forward' ? '/rewrite/path' : '/path', 'InvalidValue')
    return null
  }
  const planned = { ...named, path }
  return rule.action.type === 'Forward'
    ? forwardPlan(rule.action, planned, { making, taken: takenBy(making, credentials), weights })
    : answerPlan(rule.action, planned, making)
}

function pathChangeOf(action: ActionMaking['rule']['action']) {
  if (action.type === 'Forward') return action.rewrite?.path ?? null
  return action.type === 'Redirect' ? action.path : null
}

const takenBy = ({ identityHeaders }: ActionMaking, credentialHeaders: readonly string[]): ReadonlySet<string> =>
  new Set([...identityHeaders, ...credentialHeaders].map(dashed))

const nothing: ReadonlySet<string> = new Set()

function answerPlan(action: AnswerPlan['action'], planned: Planned, { report }: ActionMaking): AnswerPlan | null {
  const changes = [action.responseHeaders]
  if (!mayAll(changes, responseMay(ownHeaders[action.type]))) {
    report('/responseHeaders', 'InvalidValue')
    return null
  }
  return { type: 'Answer', ...planned, action, edit: headerEdit(changes) }
}

interface ForwardMaking {
  readonly making: ActionMaking
  /** Dashed names that a route does not write into requests. */
  readonly taken: ReadonlySet<string>
  readonly weights: TakenHeaders['weights']
}

function forwardPlan(
  action: ActionOf<'Forward'>,
  planned: Planned,
  { making, taken, weights }: ForwardMaking,
): ForwardPlan | null {
  const weighing = weights.length === 0 ? null : { set: [], add: [], remove: [...weights] }
  const mays = { requestHeaders: requestMay(taken), responseHeaders: responseMay(nothing) }
  const refused = (changed: Changed): 'requestHeaders' | 'responseHeaders' | undefined =>
    (['requestHeaders', 'responseHeaders'] as const).find((section) => !mayAll([changed[section]], mays[section]))
  const section = refused(action)
  if (section !== undefined) {
    making.report(`/${section}`, 'InvalidValue')
    return null
  }
  const backends = action.backends.map((backend, index): PlannedBackend => {
    if (backend.type === 'Invalid') return backend
    const own = refused(backend)
    if (own !== undefined) making.report(`/backends/${index}/${own}`, 'InvalidValue')
    // One that cannot be used keeps its share of the requests, which is answered 500.
    if (own !== undefined || !making.upstream(backend.upstream)) return { type: 'Invalid', weight: backend.weight }
    const { requestHeaders, responseHeaders, ...rest } = backend
    return {
      ...rest,
      requestEdit: headerEdit([action.requestHeaders, requestHeaders]),
      responseEdit: headerEdit([action.responseHeaders, responseHeaders, weighing]),
    }
  })
  return { type: 'Forward', ...planned, action: { ...action, backends }, mirrors: plannedMirrors(action, making) }
}

const noCredentials: HeaderChanges = { set: [], add: [], remove: ['authorization', 'cookie'] }

/** One that cannot be used gets nothing, which no request notices. */
function plannedMirrors(
  { mirrors, requestHeaders }: ActionOf<'Forward'>,
  { upstream }: ActionMaking,
): ForwardPlan['mirrors'] {
  const edit = headerEdit([requestHeaders, noCredentials])
  const usable = mirrors.filter((mirror) => upstream(mirror.upstream))
  if (usable.length === 0) return null
  return usable.map(({ upstream: name, methods, share: { numerator, denominator } }) => ({
    upstream: name,
    methods: new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods),
    share: numerator / denominator,
    edit,
  }))
}

interface Changed {
  readonly requestHeaders: HeaderChanges | null
  readonly responseHeaders: HeaderChanges | null
}
