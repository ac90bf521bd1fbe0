import {
  conditionTypes,
  rankOf,
  rowOf,
  type ConditionReason,
  type ConditionStatus,
  type ConditionType,
} from './reasons.ts'
import type { Finding } from './verdict.ts'

/** One thing that was noticed while compiling an object. Several of one type become one {@link Finding}. */
export interface Note {
  readonly type: ConditionType
  readonly reason: ConditionReason
  /** JSON pointers or names of objects; never a value that a user chose freely. */
  readonly at: readonly string[]
}

/** @param at - JSON pointer into the object, or the name of another object and a pointer into it */
export const note = (type: ConditionType, reason: ConditionReason, ...at: readonly string[]): Note => ({
  type,
  reason,
  at,
})

/** A place, and what is there, or lacks. @param more - names of objects, or words of ours (M19) */
export const placeWith = (at: string, more: string): string => `${at} (${more})`

const maxPlaces = 8
const maxPlaceLength = 200

/** The places of a sentence, bounded in number and length. */
function places(at: Iterable<string>): string {
  const all = [...new Set(at)].map((place) => place.slice(0, maxPlaceLength))
  if (all.length === 0) return ''
  const rest = all.length - maxPlaces
  return `: ${all.slice(0, maxPlaces).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** The sentence of a reason, followed by where it holds. */
export const sentence = (reason: ConditionReason, at: Iterable<string> = []): string =>
  `${rowOf(reason).message}${places(at)}`

const severity: { readonly [S in ConditionStatus]: number } = { False: 0, Unknown: 1, True: 2 }

/** What a reason says under a condition type; a reason of another type leaves it unknown. */
const statusOf = (type: ConditionType, reason: ConditionReason): ConditionStatus =>
  rowOf(reason).under[type] ?? 'Unknown'

function merged(type: ConditionType, notes: readonly Note[]): Finding {
  const byReason = new Map<ConditionReason, string[]>()
  for (const { reason, at } of notes) {
    const known = byReason.get(reason)
    if (known) known.push(...at)
    else byReason.set(reason, [...at])
  }
  const ranked = [...byReason].sort(
    ([a], [b]) => severity[statusOf(type, a)] - severity[statusOf(type, b)] || rankOf(a) - rankOf(b),
  )
  const [first] = ranked[0]!
  const message = ranked.map(([reason, at]) => sentence(reason, at)).join('. ')
  return { type, status: statusOf(type, first), reason: first, message }
}

/** Makes one finding of each condition type that was noticed, in the order of {@link conditionTypes}. */
export function findingsOf(notes: readonly Note[]): readonly Finding[] {
  return conditionTypes.flatMap((type) => {
    const own = notes.filter((one) => one.type === type)
    return own.length === 0 ? [] : [merged(type, own)]
  })
}
