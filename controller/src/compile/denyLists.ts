import type { AccessPolicySpec } from '@gatehouse/crds'
import type { ResourceSpec } from '@gatehouse/contract'
import type { DeniedList } from './deniedList.ts'
import { note, type Note } from './findings.ts'
import { keptLists, type KnownLists } from './keptLists.ts'
import type { Purse } from './purse.ts'
import type { References } from './references.ts'
import type { Sealed } from './seal.ts'

/** The deny lists of a namespace that were in force last. */
export type KnownDenyLists = KnownLists<DeniedList>

/** What the deny list of a policy comes to. */
export interface MadeDenyList {
  readonly denyList: ResourceSpec<'policy'>['denyList']
  readonly resources: readonly Sealed[]
  readonly notes: readonly Note[]
}

/** The deny lists of one namespace. */
export interface DenyLists {
  /** @param purse - what the list is paid from, once for all policies that name it */
  of(spec: AccessPolicySpec, purse: Purse): MadeDenyList
  /** Those in force now; grows with each that is asked for. */
  readonly known: KnownDenyLists
}

const none: MadeDenyList = { denyList: null, resources: [], notes: [] }
const at = '/spec/denyList/configMapRef'

/** A provider of another policy is named with it, and may be of a wider one that is not known here. */
const namesStranger = (list: DeniedList, { authentication }: AccessPolicySpec): boolean => {
  const providers = new Set(authentication?.anyOf?.map(({ name }) => name))
  return list.some(
    (entry) =>
      'caller' in entry &&
      entry.caller.of === 'Provider' &&
      !entry.caller.name.includes('/') &&
      !providers.has(entry.caller.name),
  )
}

/**
 * Without a list that could be read all that the policy covers is refused.
 *
 * @param before - those that were in force
 * @param prefix - what the names of the resources begin with
 */
export function denyListsOf(
  namespace: string,
  references: References,
  before: KnownDenyLists | null,
  prefix: string = namespace,
): DenyLists {
  const lists = keptLists<DeniedList>(
    {
      name: ({ name, key }) => `${prefix}/denied/${name}/${key}`,
      find: ({ name, key }) => references.deniedList(namespace, name, key),
      resource: (name, list) => ({
        kind: 'denyList',
        name,
        spec: {
          ranges: list.flatMap((entry) => ('range' in entry ? [entry.range] : [])),
          callers: list.flatMap((entry) => ('caller' in entry ? [entry.caller] : [])),
        },
      }),
    },
    before,
  )
  return {
    of: (spec, purse) => {
      if (!spec.denyList) return none
      const { list, reference, resources, notes } = lists.of(spec.denyList.configMapRef, at, purse)
      const strange = list !== null && namesStranger(list, spec)
      return {
        denyList: reference,
        resources,
        notes: strange ? [...notes, note('PartiallyInvalid', 'UnknownProvider', at)] : notes,
      }
    },
    known: lists.known,
  }
}
