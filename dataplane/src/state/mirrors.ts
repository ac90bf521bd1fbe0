import { createBodyBudget, type BodyBudget } from './bodyBudget.ts'

/**
 * What became of a copy: answered, failed, late (cut off after its time), busy (too many under way), too-large (its body,
 * or all bodies together), cut-off (the request's body never ended), no-endpoint.
 */
export const mirrorOutcomes = ['answered', 'failed', 'late', 'busy', 'too-large', 'cut-off', 'no-endpoint'] as const

export type MirrorOutcome = (typeof mirrorOutcomes)[number]

/** Most copies under way, in all and for the routes of one namespace, so that no slow mirror takes the others' places. */
export const mirrorLimits = { all: 256, namespace: 64 } as const

/** Most bytes of bodies that wait to be copied. */
const heldLimits = { all: 16 * 1024 * 1024, namespace: 4 * 1024 * 1024 } as const

/** How many copies of requests are under way, by namespace of their routes, and what became of them (M16). */
export interface Mirrors {
  /** Bodies of copies. */
  readonly bodies: BodyBudget
  /** @returns false, and nothing taken, when too many are under way; what is taken must be given back once by `end` */
  begin(namespace: string): boolean
  end(namespace: string): void
  count(outcome: MirrorOutcome): void
  /** How often each has been counted. */
  outcomes(): Iterable<readonly [MirrorOutcome, number]>
}

export function createMirrors(): Mirrors {
  const places = createBodyBudget(mirrorLimits)
  const counts = new Map<MirrorOutcome, number>()
  return {
    bodies: createBodyBudget(heldLimits),
    begin: (namespace) => places.take(namespace, 1),
    end: (namespace) => places.give(namespace, 1),
    count: (outcome) => void counts.set(outcome, (counts.get(outcome) ?? 0) + 1),
    outcomes: () => counts,
  }
}
