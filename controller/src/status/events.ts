import type { Condition } from '@gatehouse/crds'
import { reasons, rowOf, type ConditionReason } from '../compile/reasons.ts'

/** An Event of type Warning that is due on an object. */
export interface DueEvent {
  readonly reason: ConditionReason
  readonly message: string
}

const isReason = (text: string): text is ConditionReason => Object.hasOwn(reasons, text)

/** Conditions that came up and that a person must act on: one Event each, not again while they stay the same. */
export function dueEvents(before: readonly Condition[], after: readonly Condition[]): readonly DueEvent[] {
  const isNew = (condition: Condition): boolean =>
    !before.some(
      ({ type, status, reason }) =>
        type === condition.type && status === condition.status && reason === condition.reason,
    )
  return after.flatMap((condition) => {
    const { reason, message } = condition
    return isReason(reason) && rowOf(reason).event && isNew(condition) ? [{ reason, message }] : []
  })
}
