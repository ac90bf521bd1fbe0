import { hash } from 'node:crypto'

/** A program that a store runs as one step. */
export interface StoreScript {
  readonly text: string
  /** What the store knows it by. */
  readonly sha: string
}

export const storeScript = (text: string): StoreScript => ({ text, sha: hash('sha1', text, 'hex') })

/** All commands of a call begin with the same words: the script, then how many keys there are. */
export const byName = ({ sha }: StoreScript, keys: readonly string[], values: readonly string[]): string[] => [
  'EVALSHA',
  sha,
  String(keys.length),
  ...keys,
  ...values,
]

/** The same with the text, which the store then remembers. */
export const byText = ({ text }: StoreScript, keys: readonly string[], values: readonly string[]): string[] => [
  'EVAL',
  text,
  String(keys.length),
  ...keys,
  ...values,
]
