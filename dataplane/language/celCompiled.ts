import type { CelBudget } from './celValues.ts'
import type { CelType } from './celTypes.ts'

/** What an expression may ask about, by dotted name. */
export type CelEnvironment = ReadonlyMap<string, CelType>

/** Where facts come from; asked only for what an expression comes to. */
export interface CelFacts {
  /** @returns undefined when the fact is lacking, `failed` when nobody may tell whether it is */
  fact(name: string): unknown
}

/** One evaluation. */
export interface Frame {
  readonly facts: CelFacts
  readonly budget: CelBudget
  readonly variables: unknown[]
}

export type Run = (frame: Frame) => unknown

/** A node made ready. */
export interface Compiled {
  readonly type: CelType
  readonly run: Run
  /** Nodes in it: what one evaluation costs beside texts and lists. */
  readonly nodes: number
  /** What one evaluation is expected to cost at most, for lists and texts of ordinary length. */
  readonly cost: number
}

/** What is known where a node stands. */
export interface Scope {
  readonly environment: CelEnvironment
  readonly variables: ReadonlyMap<string, { readonly slot: number; readonly type: CelType }>
  /** Names of the facts that are asked for. */
  readonly uses: Set<string>
  /** The regular expressions that are compiled on the way. */
  readonly patterns: string[]
}

/** Items that a list and characters that a text are expected to have at most, for the static bound. */
export const expected = { items: 64, characters: 256 } as const
