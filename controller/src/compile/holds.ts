import type { AccessPolicySpec } from '@gatehouse/crds'
import { objectKey, type WorldObject } from '../world.ts'

/** How wide a policy's target is (the contract's `level`). */
export const levels = { gatehouse: 0, namedNamespace: 1, namespace: 2, route: 3, rule: 4 } as const
export type Level = (typeof levels)[keyof typeof levels]

/** All levels, the widest first. */
export const widestFirst: readonly Level[] = [0, 1, 2, 3, 4]

/** A policy's hold on a route. */
export interface Hold {
  readonly policy: WorldObject
  /** null when the policy cannot be read or does not fit: it is there, and broken (M7). */
  readonly spec: AccessPolicySpec | null
  readonly level: Level
  /** The rule; null = all of the route. */
  readonly sectionName: string | null
}

export type ReadHold = Hold & { readonly spec: AccessPolicySpec }

export const isRead = (hold: Hold): hold is ReadHold => hold.spec !== null

/** Names a policy's hold among all holds on a route. */
export const holdKey = ({ policy, level, sectionName }: Omit<Hold, 'spec'>): string =>
  `${level}/${sectionName ?? ''}/${objectKey(policy.meta)}`
