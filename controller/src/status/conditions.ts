import type { Condition } from '@gatehouse/crds'
import type { Json } from '@gatehouse/contract'
import { integerOf, listOf, member, textOf } from '../compile/raw.ts'
import { conditionTypes } from '../compile/reasons.ts'
import type { Finding } from '../compile/verdict.ts'

/** What statements are dated with. */
export interface Stamp {
  /** `metadata.generation` of the object that was compiled. */
  readonly generation: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

const isStatus = (text: string | undefined): text is Condition['status'] =>
  text === 'True' || text === 'False' || text === 'Unknown'

/** Conditions as they stand in an object; what has not their form is passed over. */
export const readConditions = (value: Json | undefined): readonly Condition[] =>
  listOf(value).flatMap((one): readonly Condition[] => {
    const [type, status, since] = [member(one, 'type'), member(one, 'status'), member(one, 'lastTransitionTime')].map(
      textOf,
    )
    if (type === undefined || !isStatus(status) || since === undefined) return []
    const generation = integerOf(member(one, 'observedGeneration'))
    return [
      {
        type,
        status,
        ...(generation === undefined ? {} : { observedGeneration: generation }),
        lastTransitionTime: since,
        reason: textOf(member(one, 'reason')) ?? '',
        message: textOf(member(one, 'message')) ?? '',
      },
    ]
  })

/** Kubernetes writes times to the second. */
const timestamp = (now: number): string => new Date(now).toISOString().replace(/\.\d{3}Z$/, 'Z')

type Undated = Omit<Condition, 'lastTransitionTime'>

/** The one transition-time rule: the time stays while type and status do. */
const dated = (conditions: readonly Undated[], previous: readonly Condition[], now: number): Condition[] =>
  conditions.map(({ type, status, reason, message, observedGeneration }) => {
    const before = previous.find((one) => one.type === type && one.status === status)
    return {
      type,
      status,
      ...(observedGeneration === undefined ? {} : { observedGeneration }),
      lastTransitionTime: before?.lastTransitionTime ?? timestamp(now),
      reason,
      message,
    }
  })

/** Conditions of findings. */
export const conditionsOf = (findings: readonly Finding[], previous: readonly Condition[], stamp: Stamp): Condition[] =>
  dated(
    findings.map((finding) => ({ ...finding, observedGeneration: stamp.generation })),
    previous,
    stamp.now,
  )

/** Types of conditions that are good when they are absent or False. */
export const goodWhenAbsent: ReadonlySet<string> = new Set([
  'PartiallyInvalid',
  'Conflicted',
  'Overridden',
  'AddressesUnknown',
  'KeysExpiring',
  'KeysExpired',
  'CircuitOpen',
  'QuotaStoreUnavailable',
])

/** The worse a status is for its type, the smaller. */
function badness({ type, status }: Undated): number {
  if (status === 'Unknown') return 1
  return (status === 'True') === goodWhenAbsent.has(type) ? 0 : 2
}

const order = (type: string): number => {
  const index = (conditionTypes as readonly string[]).indexOf(type)
  return index < 0 ? conditionTypes.length : index
}

/** The worst condition of each type; among equals the one that was made of the oldest generation. */
export function worstOf(
  entries: readonly (readonly Condition[])[],
  previous: readonly Condition[],
  now: number,
): Condition[] {
  const worst = new Map<string, Condition>()
  for (const condition of entries.flat()) {
    const known = worst.get(condition.type)
    const difference = known ? badness(condition) - badness(known) : -1
    const older = known && (condition.observedGeneration ?? 0) < (known.observedGeneration ?? 0)
    if (difference < 0 || (difference === 0 && older)) worst.set(condition.type, condition)
  }
  const sorted = [...worst.values()].sort((a, b) => order(a.type) - order(b.type) || (a.type < b.type ? -1 : 1))
  return dated(sorted, previous, now)
}
