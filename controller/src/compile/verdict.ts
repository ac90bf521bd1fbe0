import type { SealedResource } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import { sameJson } from './memo.ts'
import type { ConditionReason, ConditionStatus, ConditionType } from './reasons.ts'

export type { ConditionStatus } from './reasons.ts'

/** A statement about an object, before it has a transition time. */
export interface Finding {
  readonly type: ConditionType
  readonly status: ConditionStatus
  /** From the reason table; never made of values or exception text (M19). */
  readonly reason: ConditionReason
  /** Built from the reason table and a field path; bounded. */
  readonly message: string
}

/** What the compiler says of one own object with respect to one parent (a Gatehouse listener set, or a policy's target). */
export interface ParentVerdict {
  /** The reference as status writes it: group, kind, namespace, name, sectionName. */
  readonly ref: {
    readonly group: string
    readonly kind: string
    readonly namespace?: string
    readonly name: string
    readonly sectionName?: string
  }
  readonly findings: readonly Finding[]
  /** Keys (`kind/name`) of the resources that must serve before the object is programmed with respect to this parent. */
  readonly resources: readonly string[]
}

/** What the compiler says of one own object. */
export interface Verdict {
  readonly kind: 'Gatehouse' | 'GatewayRoute' | 'AccessPolicy'
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly generation: number
  readonly parents: readonly ParentVerdict[]
  /** Per listener; only for a Gatehouse. */
  readonly listeners: readonly {
    readonly name: string
    readonly attachedRoutes: number
    readonly findings: readonly Finding[]
    /** Keys of the resources that must serve before the listener is programmed. */
    readonly resources: readonly string[]
  }[]
  /** Keys (`kind/name`) of the resources made from it: a data plane's refusal of one of them is this object's matter. */
  readonly resources: readonly string[]
}

/** What a compilation gives: configuration and status from the same look at the world. */
export interface Compilation {
  readonly resources: readonly SealedResource[]
  readonly verdicts: readonly Verdict[]
}

/** The verdict over an object of a kind that has no listeners. */
export function verdictOf(
  kind: Verdict['kind'],
  { meta: { namespace, name, uid, generation } }: WorldObject,
  parents: readonly ParentVerdict[],
): Verdict {
  const resources = [...new Set(parents.flatMap((parent) => parent.resources))].sort()
  return { kind, namespace, name, uid, generation, parents, listeners: [], resources }
}

/**
 * These verdicts, where each that is equal to an earlier one is that one, so that what was said of it need not be said
 * again.
 *
 * @param before - of the same kind and namespace
 */
export function settledVerdicts(verdicts: readonly Verdict[], before: readonly Verdict[]): readonly Verdict[] {
  const known = new Map(before.map((verdict) => [verdict.name, verdict]))
  return verdicts.map((verdict) => {
    const earlier = known.get(verdict.name)
    return earlier && sameJson(earlier, verdict) ? earlier : verdict
  })
}
