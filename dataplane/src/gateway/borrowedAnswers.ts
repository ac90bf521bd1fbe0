import type { Introspector } from '../state/introspector.ts'

/** What enforcement remembers of tokens, for an evaluation that may ask no server (M9). */
export const borrowedAnswers = (lend: () => Introspector | null): Introspector => ({
  recall: (digest) => lend()?.recall(digest) ?? null,
  ask: () => Promise.resolve({ type: 'unavailable', retryAfter: 1 }),
})
