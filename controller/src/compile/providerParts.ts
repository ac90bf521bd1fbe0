import type { AccessPolicySpec } from '@gatehouse/crds'
import type { ClaimMap, CredentialLocation, Provider } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import type { Note } from './findings.ts'
import type { IssuerKeys, Issuers } from './issuers.ts'
import type { Outbound } from './outbound.ts'
import type { Purse } from './purse.ts'
import type { StoreView } from './quotaStore.ts'
import type { References } from './references.ts'
import type { Revocations } from './revocations.ts'
import type { Sealed } from './seal.ts'
import type { SelectedKeys, Selections } from './selections.ts'

export type ProviderSpec = NonNullable<NonNullable<AccessPolicySpec['authentication']>['anyOf']>[number]
type Locations = NonNullable<ProviderSpec['jwt']>['from']

/** What providers are made from beside their own text. */
export interface ProviderSources {
  readonly references: References
  /**
   * What the names of resources that providers share begin with. The namespace; wide policies have one of their own, since
   * they are compiled apart from the others of their namespace.
   */
  readonly shelf: string
  readonly outbound: Outbound
  /** Of the namespace's Secrets of type gatehouse.dev/api-keys. */
  readonly selections: Selections
  readonly issuers: Issuers
  readonly revocations: Revocations
  /** Whether there is a store to count together in. */
  readonly quotaStore: StoreView['state']
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
  /** The issuer that it names, and with which keys. */
  readonly issuer?: IssuerKeys
  /** When its API keys end; see {@link SelectedKeys}. */
  readonly ends?: SelectedKeys['ends']
}

type MapSpec = NonNullable<NonNullable<ProviderSpec['jwt']>['map']>

/** Where credentials of a provider are. Each has exactly one place: the strict reading saw to it. */
export const locations = (from: Locations): CredentialLocation[] =>
  from.map(({ header, prefix, cookie, allowedOrigins, query }) => {
    if (header !== undefined) return { header: header.toLowerCase(), prefix: prefix ?? '' }
    return cookie === undefined ? { query: query ?? '' } : { cookie, allowedOrigins: allowedOrigins ?? [] }
  })

/** Where the attributes of a principal are. */
export const claimMapOf = (map: MapSpec | undefined): ClaimMap => ({
  roles: map?.roles ?? null,
  scopes: map?.scopes ?? null,
  groups: map?.groups ?? null,
  tenant: map?.tenant ?? null,
  plan: map?.plan ?? null,
  trustLevel: map?.trustLevel ?? null,
})
