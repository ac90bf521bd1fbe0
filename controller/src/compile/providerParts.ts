import type { AccessPolicySpec } from '@gatehouse/crds'
import type { ClaimMap, Provider } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import type { Note } from './findings.ts'
import type { Outbound } from './outbound.ts'
import type { Purse } from './purse.ts'
import type { References } from './references.ts'
import type { Sealed } from './seal.ts'
import type { Selections } from './selections.ts'

export type ProviderSpec = NonNullable<AccessPolicySpec['authentication']>['anyOf'][number]
type Locations = NonNullable<ProviderSpec['jwt']>['from']

/** What providers are made from beside their own text. */
export interface ProviderSources {
  readonly references: References
  readonly outbound: Outbound
  /** Of the namespace's Secrets of type gatehouse.dev/api-keys. */
  readonly selections: Selections
  /** True when a missing object proves nothing. */
  readonly folder: boolean
}

/** Where a provider stands: its policy, the name that its resources get, and the JSON pointer to it. */
export interface Place {
  readonly policy: WorldObject
  readonly name: string
  readonly at: string
  /** What its key set, API keys or authorities are paid from: one that does not fit leaves the provider broken. */
  readonly purse: Purse
}

/** A provider in the making. */
export interface Made {
  readonly method: Provider['method']
  readonly resources: readonly Sealed[]
  readonly notes: readonly Note[]
  readonly broken: boolean
  readonly anchors: readonly string[] | null
}

/** Where credentials of a provider are. */
export const locations = (from: Locations) =>
  from.map(({ header, prefix }) => ({ header: header.toLowerCase(), prefix: prefix ?? '' }))

/** Where attributes are in claims; what is not said is nowhere. */
export const claimMapOf = (map: NonNullable<ProviderSpec['jwt']>['map']): ClaimMap => ({
  roles: map?.roles ?? null,
  scopes: map?.scopes ?? null,
  tenant: map?.tenant ?? null,
})
