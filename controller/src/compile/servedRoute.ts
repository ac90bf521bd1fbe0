import type { GatewayRouteSpec } from '@gatehouse/crds'
import { resourceKey, type Access, type SealedResource } from '@gatehouse/contract'
import { objectKey, type WorldObject } from '../world.ts'
import { accessOf, type RouteAccess } from './access.ts'
import { note, type Note } from './findings.ts'
import type { Installation } from './gatehouse.ts'
import { parentVerdict, refusalOf, type RouteNotes } from './parentVerdicts.ts'
import type { Parent, ParentSources } from './parents.ts'
import { routeResource } from './routeResource.ts'
import { actionOf, matchesOf, type RuleAction } from './rules.ts'
import type { Hold, Targets } from './targets.ts'
import { cutTimeouts } from './timeouts.ts'
import type { Upstreams } from './upstreams.ts'
import type { ParentVerdict } from './verdict.ts'

/** What routes are made from beside their own text. */
export interface RouteSources {
  readonly installation: Installation
  readonly parents: ParentSources
  readonly targets: Targets
  readonly upstreams: Upstreams
  readonly headersAllowed: (policy: WorldObject) => boolean
}

/** A route made executable; what its policies and its listeners must know of it. */
export interface CompiledRoute {
  readonly object: WorldObject
  /** null when it serves nothing here. */
  readonly resource: SealedResource | null
  /** Names of its rules; none when it cannot be read. */
  readonly ruleNames: ReadonlySet<string>
  readonly holds: readonly Hold[]
  readonly conflicts: RouteAccess['conflicts']
  /** Listeners on which it is accepted. */
  readonly acceptedOn: ReadonlySet<string>
  /** Empty when it does not concern this installation. */
  readonly parents: readonly ParentVerdict[]
}

/** Where a route is served. */
export interface Place {
  readonly parents: readonly Parent[]
  /** Hosts that the namespace may serve; at least one. */
  readonly hostnames: readonly string[]
  /** JSON pointers to the others. */
  readonly foreign: readonly string[]
}

/** Whether a rule asks for a credential: its providers in force are more than anonymous. */
function asksForCredential(access: Access, holds: readonly Hold[]): boolean {
  if (access.type !== 'Enforce') return false
  const judge = holds.find(({ policy }) => objectKey(policy.meta) === access.authentication.policy)
  return judge?.spec?.authentication?.anyOf.some(({ anonymous }) => anonymous === undefined) ?? false
}

function plaintextNotes(access: readonly Access[], holds: readonly Hold[]): readonly Note[] {
  const guarded = access.flatMap((one, index) => (asksForCredential(one, holds) ? [`/spec/rules/${index}`] : []))
  return guarded.length > 0 ? [note('Accepted', 'PlaintextCredentials', ...guarded)] : []
}

/** Notes of the rules' actions; that all is resolved where none says otherwise. */
function actionNotes(actions: readonly RuleAction[]): readonly Note[] {
  const notes = actions.flatMap((action) => action.notes)
  return notes.some(({ type }) => type === 'ResolvedRefs') ? notes : [...notes, note('ResolvedRefs', 'ResolvedRefs')]
}

const foreignNotes = (foreign: readonly string[]): readonly Note[] =>
  foreign.length > 0 ? [note('PartiallyInvalid', 'HostNotAllowed', ...foreign)] : []

function keysOf(resource: SealedResource | null, actions: readonly RuleAction[]): readonly string[] {
  const upstreams = new Set(actions.flatMap((action) => action.upstreams.map((name) => `upstream/${name}`)))
  return [...(resource ? [resourceKey(resource)] : []), ...[...upstreams].sort()]
}

/** Compiles a route that can be read and has a listener and a host. */
export function servedRoute(
  object: WorldObject,
  spec: GatewayRouteSpec,
  { parents, hostnames, foreign }: Place,
  sources: RouteSources,
): CompiledRoute {
  const { namespace } = object.meta
  const bound = sources.installation.maxTimeout
  const holds = sources.targets.of(objectKey(object.meta))
  const { access, notes, conflicts } = accessOf(spec.rules, holds, sources.headersAllowed)
  const actions = spec.rules.map((rule, index) =>
    actionOf(rule, `/spec/rules/${index}`, bound, (name, port) => sources.upstreams.use(namespace, { name, port })),
  )
  const rules = spec.rules.map((rule, index) => ({
    name: rule.name,
    matches: matchesOf(rule),
    access: access[index]!,
    action: actions[index]!.action,
  }))
  const resource = routeResource(object, parents, hostnames, rules)
  const route: RouteNotes = {
    plaintext: plaintextNotes(access, holds),
    notes: [...actionNotes(actions), ...notes, ...foreignNotes(foreign), ...cutTimeouts(object, bound)],
    keys: keysOf(resource, actions),
  }
  const accepting = parents.filter((parent) => refusalOf(parent, route).length === 0)
  return {
    object,
    resource,
    ruleNames: new Set(spec.rules.map(({ name }) => name)),
    holds,
    conflicts,
    acceptedOn: new Set(accepting.flatMap(({ listeners }) => listeners.map((listener) => listener.spec.name))),
    parents: parents.map((parent) => parentVerdict(parent, route)),
  }
}
