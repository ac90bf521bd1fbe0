import type { GatewayRouteSpec } from '@gatehouse/crds'
import type { WorldObject } from '../world.ts'
import type { RouteAccess } from './access.ts'
import { backendOf, type BackendSources } from './backends.ts'
import { note, type Note } from './findings.ts'
import { takenNames } from './headerChanges.ts'
import { parentVerdict, refusalOf, type RouteNotes } from './parentVerdicts.ts'
import { matchBytes, matchFaults } from './matchFaults.ts'
import { joined, nameClashes } from './pathNames.ts'
import type { PlacedRoute } from './placement.ts'
import type { Purse } from './purse.ts'
import { cutRetries } from './retries.ts'
import { routeResource } from './routeResource.ts'
import { actionOf, matchesOf, type RuleAction } from './rules.ts'
import type { Sealed } from './seal.ts'
import { triedAccess } from './shadow.ts'
import type { Hold } from './holds.ts'
import { cutTimeouts } from './timeouts.ts'
import { unknownAddresses } from './unknownAddresses.ts'
import type { ParentVerdict } from './verdict.ts'

/** What routes are made from beside their own text. */
export interface RouteSources {
  /** Of timeouts, milliseconds; 0 = none. */
  readonly maxTimeout: number
  /** Of a request; 0 = none. */
  readonly maxRetries: number
  /** The policies' holds on a route as far as the policies fit; the others are there, and broken. */
  readonly holdsOn: (route: PlacedRoute) => readonly Hold[]
  /** What the namespace may still spend on routes. */
  readonly purse: Purse
  readonly backends: Omit<BackendSources, 'purse'>
  readonly headersAllowed: (policy: WorldObject) => boolean
  /** The installation's namespace, whose policies have bounds of their own. */
  readonly platform: string
}

/** A route made executable; what its policies and its listeners must know of it. */
export interface CompiledRoute {
  readonly object: WorldObject
  /** null when it serves nothing here. */
  readonly resource: Sealed | null
  /** Names of the upstreams that it uses. */
  readonly upstreams: readonly string[]
  /** What its backends need beside their upstreams. */
  readonly backendResources: readonly Sealed[]
  /** Names of its rules; none when it cannot be read. */
  readonly ruleNames: ReadonlySet<string>
  readonly holds: readonly Hold[]
  readonly remarks: RouteAccess['remarks']
  /** Listeners on which it is accepted. */
  readonly acceptedOn: ReadonlySet<string>
  /** Empty when it does not concern this installation. */
  readonly parents: readonly ParentVerdict[]
}

function plaintextNotes(asksForCredential: readonly boolean[]): readonly Note[] {
  const guarded = asksForCredential.flatMap((asks, index) => (asks ? [`/spec/rules/${index}`] : []))
  return guarded.length > 0 ? [note('Accepted', 'PlaintextCredentials', ...guarded)] : []
}

/** Notes of the rules' actions; that all is resolved where none says otherwise. */
function actionNotes(actions: readonly RuleAction[]): readonly Note[] {
  const notes = actions.flatMap((action) => action.notes)
  return notes.some(({ type }) => type === 'ResolvedRefs') ? notes : [...notes, note('ResolvedRefs', 'ResolvedRefs')]
}

const foreignNotes = (foreign: readonly string[]): readonly Note[] =>
  foreign.length > 0 ? [note('PartiallyInvalid', 'HostNotAllowed', ...foreign)] : []

const upstreamsOf = (actions: readonly RuleAction[]): readonly string[] =>
  [...new Set(actions.flatMap((action) => action.upstreams))].sort()

/**
 * Compiles a route that can be read and has a listener and a host.
 *
 * @returns null when its namespace has no bytes left for it; what it would have used is then not paid for
 */
export function servedRoute(place: PlacedRoute, spec: GatewayRouteSpec, sources: RouteSources): CompiledRoute | null {
  const { object, parents } = place
  const { namespace } = object.meta
  const { purse } = sources
  const before = purse.mark()
  const holds = sources.holdsOn(place)
  const scope = { ...sources, namespace, hostnames: place.hostnames }
  const { access, shadow, notes, remarks, asksForCredential } = triedAccess(spec.rules, holds, scope)
  const backends = { ...sources.backends, purse }
  const taken = takenNames(sources.backends.auth.identityHeaders, holds)
  const actions = spec.rules.map((rule, index) =>
    actionOf(rule, `/spec/rules/${index}`, {
      bounds: sources,
      taken,
      resolve: (ref, at) => backendOf(object, ref, at, backends),
      purse,
    }),
  )
  const rules = spec.rules.map((rule, index) => ({
    name: rule.name,
    matches: matchesOf(rule),
    access: access[index]!,
    shadow: shadow[index]!,
    action: actions[index]!.action,
  }))
  const resource = routeResource(place, rules)
  if (!purse.pay(resource.bytes + matchBytes(spec.rules))) {
    purse.undo(before)
    return null
  }
  const upstreams = upstreamsOf(actions)
  const backendResources = actions.flatMap((action) => action.resources)
  const route: RouteNotes = {
    plaintext: plaintextNotes(asksForCredential),
    notes: [
      ...actionNotes(actions),
      ...matchFaults(spec.rules),
      ...notes,
      ...foreignNotes(place.foreign),
      ...cutTimeouts(object, sources.maxTimeout),
      ...cutRetries(spec.rules, sources.maxRetries),
    ],
    keys: [resource.key, ...upstreams.map((name) => `upstream/${name}`), ...backendResources.map(({ key }) => key)],
  }
  const accepting = parents.filter((parent) => refusalOf(parent, route).length === 0)
  return {
    object,
    resource,
    upstreams,
    backendResources,
    ruleNames: new Set(spec.rules.map(({ name }) => name)),
    holds,
    remarks: joined(joined(remarks, nameClashes(spec.rules, holds)), unknownAddresses(parents, holds)),
    acceptedOn: new Set(accepting.flatMap(({ listeners }) => listeners.map((listener) => listener.spec.name))),
    parents: parents.map((parent) => parentVerdict(parent, route)),
  }
}
