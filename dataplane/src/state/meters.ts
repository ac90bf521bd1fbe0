import type { Clock } from '../clock.ts'
import type { Meter } from '../policy/meter.ts'
import { present, type Moment } from '../policy/moment.ts'
import { HeaderValues } from './headerValues.ts'
import { keyBudgets, type KeyBudget, type KeyLimits } from './keyBudget.ts'
import { createLeases, type Lease } from './lease.ts'
import { GrowingTable, type MeterTable } from './meterTable.ts'

/** Whose counter it is, and how slowly it forgets. */
export interface MeterUse {
  /** Of the policy; its namespace pays for the keys. */
  readonly namespace: string
  /** Of all meters that count there, the one that gives back slowest. */
  readonly slowest: Meter
}

/** Whose values of a header they are. */
export interface ValuesUse {
  readonly namespace: string
  /** The longest time until a count is full again by itself, in microseconds. */
  readonly memory: number
}

/** The counters of all quotas. They survive snapshots, and a change of limit, burst, cost or plan keeps what was taken. */
export interface Meters {
  /** @param perNamespace - most keys of the policies of one namespace; half of them in one counter */
  adopt(perNamespace: number): void
  /** @param identity - of the counter: policy, quota, keys, algorithm, window */
  acquire(identity: string, use: MeterUse): Lease<MeterTable>
  /** @param identity - of the quota: policy, name, keys */
  acquireValues(identity: string, use: ValuesUse): Lease<HeaderValues>
}

/** Most keys of all namespaces. */
const total = 1_000_000
/** Keys that a namespace has room for when others have taken all. */
const guaranteed = 1000

/** Half of what a namespace has, so that one counter leaves room for another. */
export const keyLimits = (perNamespace: number): KeyLimits => ({
  perTable: Math.ceil(perNamespace / 2),
  perNamespace,
  total,
  guaranteed,
})

/** How often what was let go is looked at, in milliseconds. */
const forgetInterval = 1000
/** What was let go and is kept; beyond, the one let go first is forgotten. */
const mostIdle = 10_000

interface Kept {
  isIdle(now: Moment): boolean
  clear(): void
}

/** Things by identity; one that is let go stays until all has come back by itself. */
function keeper<T extends Kept>() {
  const idle = new Map<string, T>()
  const leases = createLeases<T>((value, identity) => idle.set(identity, value))
  return {
    acquire: (identity: string, open: () => T): Lease<T> =>
      leases.acquire(identity, () => {
        const left = idle.get(identity)
        idle.delete(identity)
        return left ?? open()
      }),
    forget(now: Moment): void {
      for (const [identity, value] of idle) {
        if (idle.size <= mostIdle && !value.isIdle(now)) continue
        idle.delete(identity)
        value.clear()
      }
    },
  }
}

/** @returns counters that no snapshot can refill */
export function createMeters(clock: Clock, bounds: KeyLimits = keyLimits(100_000)): Meters {
  const limits = { ...bounds }
  const budgetOf: (namespace: string) => KeyBudget = keyBudgets(limits)
  const tables = keeper<GrowingTable>()
  const values = keeper<HeaderValues>()
  let forgotten = -Infinity
  const forget = (): void => {
    const time = clock.monotonic()
    if (time - forgotten < forgetInterval) return
    forgotten = time
    const now = present(clock)
    tables.forget(now)
    values.forget(now)
  }
  return {
    adopt: (perNamespace) => void Object.assign(limits, keyLimits(perNamespace)),
    acquire(identity, { namespace, slowest }) {
      forget()
      const lease = tables.acquire(identity, () => new GrowingTable(slowest, budgetOf(namespace)))
      lease.value.slowest = slowest
      return lease
    },
    acquireValues(identity, { namespace, memory }) {
      forget()
      const lease = values.acquire(identity, () => new HeaderValues(memory, budgetOf(namespace)))
      lease.value.remember(memory)
      return lease
    },
  }
}
