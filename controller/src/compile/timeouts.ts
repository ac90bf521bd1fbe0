import { defaultTimeouts, type GatewayRouteSpec } from '@gatehouse/crds'
import type { Action } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import { milliseconds, timerOf } from './durations.ts'
import { note, type Note } from './findings.ts'
import { memoised } from './memo.ts'
import { listOf, member, textOf } from './raw.ts'

type Timeouts = Extract<Action, { type: 'Forward' }>['timeouts']
type TimeoutsSpec = GatewayRouteSpec['rules'][number]['timeouts']

/** Those that the bound holds for. */
const names = ['request', 'backendRequest', 'connect', 'idle'] as const

const asked = memoised((spec: TimeoutsSpec): Timeouts => ({
  request: timerOf(spec.request),
  backendRequest: timerOf(spec.backendRequest),
  connect: timerOf(spec.connect),
  idle: timerOf(spec.idle),
  maxStreamAge: timerOf(spec.maxStreamAge),
}))

/**
 * The timeouts of a rule. Under a bound `0s` means the bound, and what lies above it is cut to it. A stream is bound by
 * its own age alone.
 *
 * @param bound - milliseconds; 0 = none
 */
export function timeoutsOf(spec: TimeoutsSpec, bound: number): Timeouts {
  const { request, backendRequest, connect, idle, maxStreamAge } = asked(spec)
  const bounded = (time: number): number => (bound === 0 ? time : time === 0 ? bound : Math.min(time, bound))
  return {
    request: bounded(request),
    backendRequest: bounded(backendRequest),
    connect: bounded(connect),
    idle: bounded(idle),
    maxStreamAge,
  }
}

/** The timeouts that an object itself writes. The API server stores its defaults in the object, so they do not count. */
const written = memoised((route: WorldObject): readonly { readonly at: string; readonly time: number }[] =>
  listOf(member(route.raw['spec'], 'rules')).flatMap((rule, index) =>
    names.flatMap((name) => {
      const text = textOf(member(member(rule, 'timeouts'), name))
      return text === undefined || text === defaultTimeouts[name]
        ? []
        : [{ at: `/spec/rules/${index}/timeouts/${name}`, time: milliseconds(text) }]
    }),
  ),
)

/** Which written timeouts were cut; a default that is cut is no news to its author. */
export function cutTimeouts(route: WorldObject, bound: number): readonly Note[] {
  const cut = bound === 0 ? [] : written(route).filter(({ time }) => time > bound)
  return cut.length > 0 ? [note('Overridden', 'AboveBound', ...cut.map(({ at }) => at))] : []
}
