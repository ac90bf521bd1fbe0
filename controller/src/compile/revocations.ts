import type { AccessPolicySpec } from '@gatehouse/crds'
import type { ResourceSpec } from '@gatehouse/contract'
import { frameBytes, listBytes } from './budget.ts'
import { note, type Note } from './findings.ts'
import type { Purse } from './purse.ts'
import type { References } from './references.ts'
import type { RevocationList } from './revocationList.ts'
import { sealOnce, type Sealed } from './seal.ts'

type Authentication = NonNullable<AccessPolicySpec['authentication']>

/** A list that could be read, as it is sent. */
interface KnownList {
  readonly list: RevocationList
  readonly sealed: Sealed
}

/** The lists of a namespace that were in force last, by the names of their resources. */
export type KnownLists = ReadonlyMap<string, KnownList>

/** What the revocations of a policy come to. */
export interface MadeRevocations {
  readonly revocations: ResourceSpec<'policy'>['revocations']
  readonly resources: readonly Sealed[]
  readonly notes: readonly Note[]
}

/** The lists of revocations of one namespace. */
export interface Revocations {
  /** @param purse - what the list is paid from, once for all policies that name it */
  of(authentication: Authentication | undefined, purse: Purse): MadeRevocations
  /** Those in force now; grows with each that is asked for. */
  readonly known: KnownLists
}

const none: MadeRevocations = { revocations: null, resources: [], notes: [] }
const at = '/spec/authentication/revocations/configMapRef'

/** An entry for a provider that is not there keeps nobody out. */
const namesStranger = (list: RevocationList, { anyOf }: Authentication): boolean => {
  const providers = new Set(anyOf?.map(({ name }) => name))
  return list.some(({ of, name }) => of === 'Provider' && !providers.has(name))
}

/**
 * A list that is missing or cannot be read leaves the last one in force, as long as a policy names it: a slip in it must
 * let nobody in again. It is the one thing in a compilation that does not follow from the world alone. Without a last
 * list nobody knows who is revoked, and no caller is believed.
 *
 * @param before - those that were in force
 * @param prefix - what the names of the resources begin with
 */
export function revocationsOf(
  namespace: string,
  references: References,
  before: KnownLists | null,
  prefix: string = namespace,
): Revocations {
  const known = new Map<string, KnownList>()
  const listOf = (name: string, found: ReturnType<References['revocations']>): KnownList | undefined => {
    const last = known.get(name) ?? before?.get(name)
    if (!found.ok || last?.list === found.value) return last
    const spec = { entries: [...found.value] }
    return { list: found.value, sealed: sealOnce(null, { kind: 'revocations', name, spec }) }
  }
  return {
    of: (authentication, purse) => {
      if (!authentication?.revocations) return none
      const { name: configMap, key } = authentication.revocations.configMapRef
      const name = `${prefix}/revocations/${configMap}/${key}`
      const found = references.revocations(namespace, configMap, key)
      const notes = found.ok ? [] : [note('ResolvedRefs', found.reason, at)]
      const list = listOf(name, found)
      if (list) known.set(name, list)
      if (list && namesStranger(list.list, authentication)) notes.push(note('PartiallyInvalid', 'UnknownProvider', at))
      const fits = list !== undefined && purse.payOnce(name, listBytes(list.list) + frameBytes(name))
      if (list && !fits) notes.push(note('ResolvedRefs', 'BudgetExceeded', at))
      return { revocations: { list: name, broken: !fits }, resources: fits ? [list.sealed] : [], notes }
    },
    known,
  }
}
