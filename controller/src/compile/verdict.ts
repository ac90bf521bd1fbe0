import type { SealedResource } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import type { Expiry } from './expiry.ts'
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

/** A limit of which each data plane takes its share. */
export interface DividedLimit {
  readonly limit: number
  /** JSON pointer into the object. */
  readonly at: string
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
  /** When API keys of an AccessPolicy end; absent = none does. What is said of it depends on the time. */
  readonly expiries?: readonly Expiry[]
  /** Its limits that data planes divide; absent = it has none. What is said of them depends on how many there are. */
  readonly divided?: readonly DividedLimit[]
}

/** What a compilation gives: configuration and status from the same look at the world. */
export interface Compilation {
  readonly resources: readonly SealedResource[]
  readonly verdicts: readonly Verdict[]
}

/** What a compilation gives that remembers the one before. */
export interface NextCompilation {
  /** Resources that are new or differ, sorted by key. */
  readonly set: readonly SealedResource[]
  /** Keys of those that are gone. */
  readonly removed: readonly string[]
  /** All verdicts; those that are equal to earlier ones are those, and the list is the same when all are. */
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
  if (verdicts === before) return before
  const known = new Map(before.map((verdict) => [verdict.name, verdict]))
  const settled = verdicts.map((verdict) => {
    const earlier = known.get(verdict.name)
    return earlier && sameJson(earlier, verdict) ? earlier : verdict
  })
  return sameItems(settled, before) ? before : settled
}

/** Whether two lists hold the same objects. */
export const sameItems = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index])
