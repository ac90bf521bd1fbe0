import { maxMessageBytes } from '@gatehouse/contract'
import { regexMaking } from '@gatehouse/language/regex'
import { memoised } from './memo.ts'
import { purseOf, type Purse } from './purse.ts'

/**
 * The largest configuration that is made, in bytes. An update carries at most all of the new one and the names of all
 * that is dropped of the old one, and each is at most this.
 */
export const largestSnapshot = Math.floor(maxMessageBytes / 2) - 4096

/** The part of a namespace's bytes for routes that is kept for refusing those that do not fit. */
const keptForRefusing = 0.25

/** The bytes of a JSON value in an update. */
export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

/** {@link jsonBytes} of a list that many resources repeat. */
export const listBytes = memoised((list: readonly unknown[]): number => jsonBytes(list))

/** The most bytes that a resource of this name takes up in an update beside the list that it holds. */
export const frameBytes = (name: string): number => Buffer.byteLength(name) + 200

/** Both budgets of a namespace, full by default, are then made in about a quarter of a second, and fill some 40 MiB. */
const bytesEachStep = 4

/** What regular expressions count beside their text: 32 bytes for each instruction, and what they take otherwise. */
export const regexBytes = (patterns: readonly string[]): number =>
  patterns.reduce((sum, pattern) => sum + regexMaking(pattern) * bytesEachStep, 0)

/** The bytes that the installation gives each namespace. */
export interface NamespaceBounds {
  readonly routeBytes: number
  readonly policyBytes: number
}

/** The purses of one namespace. */
export interface Budget {
  /** For routes, upstreams and endpoints. */
  readonly routes: Purse
  /** For policies and what they name. */
  readonly policies: Purse
}

/** @param level - what no purse may exceed, whatever the bounds; bytes */
export const budgetOf = ({ routeBytes, policyBytes }: NamespaceBounds, level: number): Budget => ({
  routes: purseOf(Math.min(routeBytes, level), keptForRefusing),
  policies: purseOf(Math.min(policyBytes, level), 0),
})

/**
 * The level to which purses are cut when together they exceed what there is: those below the level keep all that they
 * want, those above get the level, and nobody gets less than an equal share.
 */
export function fairLevel(demands: readonly number[], available: number): number {
  const ascending = demands.toSorted((a, b) => a - b)
  let left = Math.max(available, 0)
  for (const [index, demand] of ascending.entries()) {
    const share = left / (ascending.length - index)
    if (demand > share) return Math.floor(share)
    left -= demand
  }
  return Infinity
}
