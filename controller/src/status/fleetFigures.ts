import { fleetBounds, type GatehouseStatus } from '@gatehouse/crds'
import type { SessionState } from '../push/sessions.ts'
import type { Fleet } from './fleet.ts'

/** A fleet as the status of a Gatehouse shows it. */
export type FleetFigures = NonNullable<GatehouseStatus['fleet']>

type DataPlane = NonNullable<FleetFigures['dataPlanes']>[number]

/** Words of data planes in plain characters (M19). */
export const plain = (text: string): string => text.replaceAll(/[^A-Za-z0-9_.:/~-]/g, '?')

const bounded = (text: string): string => plain(text).slice(0, fleetBounds.text)

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function dataPlaneOf({ instance, version, revision, refused, nack }: SessionState, behind: boolean): DataPlane {
  const parts = refused
    .map(({ resource, field, reason }) => ({ resource: bounded(resource), field: bounded(field), reason }))
    .sort((a, b) => byText(a.resource, b.resource) || byText(a.field, b.field))
  return {
    instance: bounded(instance),
    version: plain(version).slice(0, 64),
    ...(revision === null ? {} : { revision }),
    behind,
    ...(nack === null ? {} : { nack: nack.reason }),
    refusedCount: refused.length,
    ...(parts.length === 0 ? {} : { refused: parts.slice(0, fleetBounds.refused) }),
  }
}

/** The worse, the smaller. */
const rank = ({ behind, nack, refusedCount }: DataPlane): number =>
  nack !== undefined || refusedCount > 0 ? 0 : behind ? 1 : 2

/**
 * What there is to say about a fleet. Where there are more data planes than a status can name, those with a problem are
 * named.
 *
 * @param isLate - whether a data plane has had time enough for the newest revision
 */
export function figuresOf(
  { expected, sessions, revision }: Fleet,
  isLate: (session: SessionState) => boolean = (session) => session.revision !== revision,
): FleetFigures {
  const all = sessions
    .map((session) => dataPlaneOf(session, isLate(session)))
    .sort((a, b) => rank(a) - rank(b) || byText(a.instance, b.instance))
  return {
    desired: expected,
    ready: sessions.filter((session) => session.revision !== null).length,
    behind: all.filter(({ behind }) => behind).length,
    refused: all.filter(({ nack, refusedCount }) => nack !== undefined || refusedCount > 0).length,
    revision,
    dataPlanes: all.slice(0, fleetBounds.dataPlanes).sort((a, b) => byText(a.instance, b.instance)),
  }
}
