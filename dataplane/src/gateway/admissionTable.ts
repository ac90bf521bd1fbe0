import type { ResourceSpec } from '@gatehouse/contract'
import type { AddressTrust } from './clientAddress.ts'
import type { Clock } from '../clock.ts'
import type { UsageLimit } from '../state/usageLimit.ts'
import type { WorkBudget } from '../state/workBudget.ts'
import type { Replays } from '../state/replays.ts'
import type { SharedStore } from '../state/store/sharedStore.ts'
import type { TrustByHost } from './form.ts'
import type { Router, Tenancy } from './router.ts'
import type { RulePlan } from './rulePlan.ts'
import type { Nameable, Selector } from './serverName.ts'

/** A listener as admission sees it. */
export interface AdmissionListener extends Nameable {
  readonly spec: ResourceSpec<'listener'>
  /** Who is believed about the client's address. */
  readonly trust: AddressTrust
  /** Hash of the `trust` resource that client certificates are verified against now; null = none are asked for. */
  readonly trustHash: string | null
  /** The anchors in it: SHA-256 of their DER, lower-case hex. */
  readonly anchors: ReadonlySet<string>
  readonly router: Router<RulePlan>
}

/** A socket without TLS: each request has the listener of its host. */
export interface PlainSocket {
  readonly select: Selector<AdmissionListener>
  /** Who is believed about the client's address. */
  readonly trust: TrustByHost
}

/** A compiled snapshot as admission sees it. */
export interface AdmissionTable {
  readonly listeners: ReadonlyMap<string, AdmissionListener>
  /** By name of a listener: the choice among all that share its socket. */
  readonly selectors: ReadonlyMap<string, Selector<AdmissionListener>>
  /** Sockets without TLS, by `socketOf`. */
  readonly plain: ReadonlyMap<string, PlainSocket>
  readonly tenancy: Tenancy
  /** Namespaces with a route that could not be read, whose hosts nobody knows: all of theirs is refused (M7). */
  readonly unreadable: ReadonlySet<string>
  /** True without a readable installation: then every request is refused (M7). */
  readonly closed: boolean
  /** Most bytes of a body, on every route. */
  readonly maxBodySize: number
  readonly clock: Clock
  readonly replays: Replays
  /** null = the installation has none. */
  readonly store: SharedStore | null
  /** Where callers ask what their quotas have left; null = nowhere. */
  readonly usage: string | null
  readonly usageLimit: UsageLimit
  /** Bounds what is tried beside decisions (M9). */
  readonly shadowWork: WorkBudget
}
