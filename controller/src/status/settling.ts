import { gatehouseStatus, type Condition } from '@gatehouse/crds'
import type { Json } from '@gatehouse/contract'
import type { ConditionReason, ConditionType } from '../compile/reasons.ts'
import type { FleetFigures } from './fleetFigures.ts'

/**
 * What a new leader may say while data planes may still be on their way to it: that they have not been heard of is no
 * reason to take back what they told the leader before.
 */

const unheard: readonly string[] = ['NoDataPlanes', 'Reconciling'] satisfies readonly ConditionReason[]
const heard: readonly string[] = ['Programmed', 'RefusedByDataPlane'] satisfies readonly ConditionReason[]

/** Conditions that data planes make by what they say: while they say nothing, these stay. */
const complaints: readonly string[] = ['CircuitOpen', 'QuotaStoreUnavailable'] satisfies readonly ConditionType[]

/**
 * The conditions to write; one that is kept still says of which generation it was.
 *
 * @param before - those in the status
 */
export const settlingConditions = (conditions: readonly Condition[], before: readonly Condition[]): Condition[] => [
  ...conditions.map((condition) => {
    if (condition.type !== 'Programmed' || !unheard.includes(condition.reason)) return condition
    return before.find(({ type, reason }) => type === 'Programmed' && heard.includes(reason)) ?? condition
  }),
  ...before.filter(({ type }) => complaints.includes(type) && !conditions.some((one) => one.type === type)),
]

/**
 * The figures to write.
 *
 * @param before - those in the status
 */
export function settlingFigures(figures: FleetFigures, before: Json | undefined): FleetFigures {
  const known = gatehouseStatus.shape.fleet.safeParse(before).data
  return known === undefined || figures.ready >= known.ready ? figures : { ...known, desired: figures.desired }
}
