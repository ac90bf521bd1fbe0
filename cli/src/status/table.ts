import type { GatehouseStatus } from '@gatehouse/crds'
import { columns } from '../columns.ts'
import { plainText } from '../plainText.ts'
import type { Installation } from './installations.ts'

type Fleet = NonNullable<GatehouseStatus['fleet']>
type DataPlane = NonNullable<Fleet['dataPlanes']>[number]

/** Characters of a revision that people compare. */
const shortRevision = 12

const placeOf = ({ namespace, name }: Installation): string => `${namespace}/${name}`
const revisionOf = (revision: string | undefined): string => revision?.slice(0, shortRevision) ?? '-'

/** Whether there are data planes, and every one that is to serve serves all of the newest revision. */
export const isWell = ({ fleet }: Installation): boolean =>
  !!fleet && fleet.ready > 0 && fleet.ready >= fleet.desired && fleet.behind === 0 && fleet.refused === 0

function stateOf({ revision, behind, nack, refusedCount }: DataPlane, newest: string | undefined): string {
  const states = [
    ...(behind ? ['behind'] : []),
    ...(nack === undefined ? [] : [`refused the update: ${nack}`]),
    ...(refusedCount === 0 ? [] : [`refused ${refusedCount}`]),
  ]
  if (states.length > 0) return states.join(', ')
  return revision === newest ? 'current' : 'updating'
}

function installationRow(one: Installation): readonly string[] {
  const { fleet } = one
  if (!fleet) return [placeOf(one), '-', '-', '-', '-', '-']
  const figures = [fleet.desired, fleet.ready, fleet.behind, fleet.refused].map(String)
  return [placeOf(one), revisionOf(fleet.revision), ...figures]
}

const dataPlaneRows = (one: Installation): readonly (readonly string[])[] =>
  (one.fleet?.dataPlanes ?? []).map((dataPlane) => [
    placeOf(one),
    dataPlane.instance,
    dataPlane.version,
    revisionOf(dataPlane.revision),
    stateOf(dataPlane, one.fleet?.revision),
  ])

function refusals(place: string, { instance, refused = [], refusedCount }: DataPlane): readonly string[] {
  const rest = refusedCount - refused.length
  return [
    ...refused.map(({ resource, field, reason }) => {
      return `${place} ${instance} refused ${[resource, field].join(' ').trimEnd()}: ${reason}`
    }),
    ...(rest > 0 ? [`${place} ${instance} refused ${rest} more`] : []),
  ]
}

/** The state of the whole, where the data planes may be well and a listener closed. */
const unprogrammed = ({ namespace, name, programmed }: Installation): readonly string[] =>
  programmed === null || programmed.status === 'True'
    ? []
    : [
        `${namespace}/${name}: Programmed=${programmed.status} ${programmed.reason}; kubectl describe gatehouses ${name} --namespace ${namespace} says why`,
      ]

/** What has no place in a row. */
function notes(one: Installation): readonly string[] {
  const place = placeOf(one)
  if (!one.fleet) return [`${place}: no controller has reported yet`]
  const { ready, desired, dataPlanes = [] } = one.fleet
  const missing = desired - ready
  const unnamed = ready - dataPlanes.filter(({ revision }) => revision !== undefined).length
  return [
    ...dataPlanes.flatMap((dataPlane) => refusals(place, dataPlane)),
    ...(ready + desired > 0 ? [] : [`${place}: no data plane serves`]),
    ...(missing > 0 ? [`${place}: ${missing} more should serve and do not`] : []),
    ...(unnamed > 0 ? [`${place}: ${unnamed} more serve and are not named`] : []),
    ...unprogrammed(one),
  ]
}

/** Installations and their data planes as text for people. */
export function tableOf(installations: readonly Installation[]): string {
  const rows = installations.flatMap(dataPlaneRows)
  const dataPlanes = [['INSTALLATION', 'DATA PLANE', 'VERSION', 'REVISION', 'STATE'], ...rows]
  const text = installations.flatMap(notes)
  const lines = [
    ...columns([
      ['INSTALLATION', 'REVISION', 'DESIRED', 'READY', 'BEHIND', 'REFUSED'],
      ...installations.map(installationRow),
    ]),
    ...(rows.length === 0 ? [] : ['', ...columns(dataPlanes)]),
    ...(text.length === 0 ? [] : ['', ...text]),
  ]
  return lines.map((line) => `${plainText(line)}\n`).join('')
}
