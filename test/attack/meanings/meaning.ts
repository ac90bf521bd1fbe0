import type { Cases } from '../catalogue/flaw.ts'

/** A sentence of a meaning of the API, and what would turn red if it did not hold. */
export interface Sentence {
  readonly says: string
  readonly cases: Cases
}

/** A meaning that must hold: its sentences, as far as there is something that they are about. */
export interface Meaning {
  readonly name: `M${number}`
  readonly title: string
  readonly sentences: readonly Sentence[]
}
