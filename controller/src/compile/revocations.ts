import type { AccessPolicySpec } from '@gatehouse/crds'
import type { ResourceSpec } from '@gatehouse/contract'
import { note, type Note } from './findings.ts'
import { keptLists, type KnownLists } from './keptLists.ts'
import type { Purse } from './purse.ts'
import type { References } from './references.ts'
import type { RevocationList } from './revocationList.ts'
import type { Sealed } from './seal.ts'

type Authentication = NonNullable<AccessPolicySpec['authentication']>

/** The lists of a namespace that were in force last. */
export type KnownRevocations = KnownLists<RevocationList>

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
  readonly known: KnownRevocations
}

const none: MadeRevocations = { revocations: null, resources: [], notes: [] }
const at = '/spec/authentication/revocations/configMapRef'

/** An entry for a provider that is not there keeps nobody out. */
const namesStranger = (list: RevocationList, { anyOf }: Authentication): boolean => {
  const providers = new Set(anyOf?.map(({ name }) => name))
  return list.some(({ of, name }) => of === 'Provider' && !providers.has(name))
}

/**
 * Without a list that could be read no caller is believed.
 *
 * @param before - those that were in force
 * @param prefix - what the names of the resources begin with
 */
export function revocationsOf(
  namespace: string,
  references: References,
  before: KnownRevocations | null,
  prefix: string = namespace,
): Revocations {
  const lists = keptLists<RevocationList>(
    {
      name: ({ name, key }) => `${prefix}/revocations/${name}/${key}`,
      find: ({ name, key }) => references.revocations(namespace, name, key),
      resource: (name, list) => ({ kind: 'revocations', name, spec: { entries: [...list] } }),
    },
    before,
  )
  return {
    of: (authentication, purse) => {
      if (!authentication?.revocations) return none
      const { list, reference, resources, notes } = lists.of(authentication.revocations.configMapRef, at, purse)
      const strange = list !== null && namesStranger(list, authentication)
      return {
        revocations: reference,
        resources,
        notes: strange ? [...notes, note('PartiallyInvalid', 'UnknownProvider', at)] : notes,
      }
    },
    known: lists.known,
  }
}
