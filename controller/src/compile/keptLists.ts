import type { Resource } from '@gatehouse/contract'
import { frameBytes, listBytes } from './budget.ts'
import { note, type Note } from './findings.ts'
import type { Purse } from './purse.ts'
import { unresolvedNote, type Resolved } from './references.ts'
import { sealOnce, type Sealed } from './seal.ts'

/** A list that could be read, as it is sent. */
interface KnownList<L> {
  readonly list: L
  readonly sealed: Sealed
}

/** The lists of a namespace that were in force last, by the names of their resources. */
export type KnownLists<L> = ReadonlyMap<string, KnownList<L>>

/** Where a list stands. */
export interface ListRef {
  readonly name: string
  readonly key: string
}

/** What a reference to a list comes to. */
interface KeptList<L> {
  /** null when it neither can be read nor ever could. */
  readonly list: L | null
  readonly reference: { readonly list: string; readonly broken: boolean }
  readonly resources: readonly Sealed[]
  readonly notes: readonly Note[]
}

/** The lists of one kind of one namespace. */
export interface KeptLists<L> {
  /**
   * @param at - JSON pointer to the reference
   * @param purse - what the list is paid from, once for all policies that name it
   */
  of(ref: ListRef, at: string, purse: Purse): KeptList<L>
  /** Those in force now; grows with each that is asked for. */
  readonly known: KnownLists<L>
}

/** What is particular to one kind of list. */
interface ListKind<L> {
  /** How its resources are named. */
  readonly name: (ref: ListRef) => string
  readonly find: (ref: ListRef) => Resolved<L>
  readonly resource: (name: string, list: L) => Resource
}

/**
 * A list that is missing or cannot be read leaves the last one in force, as long as a policy names it: a slip in it must
 * let nobody in again. It is the one thing in a compilation that does not follow from the world alone. Without a last
 * list nobody knows whom it keeps out, and the reference is broken (M7).
 *
 * @param before - those that were in force
 */
export function keptLists<L extends readonly unknown[]>(kind: ListKind<L>, before: KnownLists<L> | null): KeptLists<L> {
  const known = new Map<string, KnownList<L>>()
  const listOf = (name: string, found: Resolved<L>): KnownList<L> | undefined => {
    const last = known.get(name) ?? before?.get(name)
    if (!found.ok || last?.list === found.value) return last
    return { list: found.value, sealed: sealOnce(null, kind.resource(name, found.value)) }
  }
  return {
    of: (ref, at, purse) => {
      const name = kind.name(ref)
      const found = kind.find(ref)
      const notes = found.ok ? [] : [unresolvedNote(found, at)]
      const list = listOf(name, found)
      if (list) known.set(name, list)
      const fits = list !== undefined && purse.payOnce(name, listBytes(list.list) + frameBytes(name))
      if (list && !fits) notes.push(note('ResolvedRefs', 'BudgetExceeded', at))
      return {
        list: list?.list ?? null,
        reference: { list: name, broken: !fits },
        resources: fits ? [list.sealed] : [],
        notes,
      }
    },
    known,
  }
}
