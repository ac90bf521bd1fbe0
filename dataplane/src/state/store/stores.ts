import { storeFault, type QuotaStore, type ResourceSpec, type StoreFault } from '@gatehouse/contract'
import type { Clock } from '../../clock.ts'
import { addressRules } from '../addressRules.ts'
import { systemResolve } from '../checkedDialer.ts'
import { createLeases, type Lease } from '../lease.ts'
import { storeKeys } from './keys.ts'
import { connectToLeader } from './leader.ts'
import { StoreLink, type LinkState } from './link.ts'
import { sharedStore, type SharedStore } from './sharedStore.ts'

/** A store as a snapshot describes it, with all that decides how it is reached. */
export interface StoreSettings {
  readonly store: QuotaStore
  readonly outbound: ResourceSpec<'installation'>['outbound']
}

/** The stores of all snapshots: one at a time, but for the moment of a change. */
export interface Stores {
  /** @param identity - of the settings: the same identity is the same connection in every snapshot (M16) */
  acquire(identity: string, settings: StoreSettings): Lease<SharedStore>
  /** How the stores stand. */
  states(): readonly LinkState[]
  /** Why each cannot be counted in; null = it can, or it is not known yet. */
  faults(): readonly (StoreFault | null)[]
  /** How often calls failed, and why. */
  failures(): Iterable<readonly [StoreFault, number]>
  close(): void
}

/** Milliseconds in which a call is answered, or does not count. */
const usualDeadline = 40

export interface StoresOptions {
  readonly clock: Clock
  readonly random: () => number
  /** Milliseconds in which a call is answered, or does not count; default as requests can wait. */
  readonly deadline?: number
  /** How many data planes count together; default this one alone. */
  readonly dataPlanes?: () => number
}

/** @param observe - told when a store comes up (null), or why it goes down */
export function createStores(
  { clock, random, deadline = usualDeadline, dataPlanes = () => 1 }: StoresOptions,
  observe: (fault: StoreFault | null) => void,
): Stores {
  const counts = new Map<StoreFault, number>(storeFault.options.map((fault) => [fault, 0]))
  const leases = createLeases<SharedStore>((store) => store.close())
  const open = ({ store, outbound }: StoreSettings): SharedStore => {
    const { installation, topology, tls, login } = store
    const site = { tls, rules: addressRules(outbound), resolve: systemResolve }
    const search = { topology, site, login, probeKey: storeKeys(installation).probe, timeout: deadline }
    const link = new StoreLink({
      open: (lost) => connectToLeader(search, lost),
      deadline,
      random,
      failed: (fault) => counts.set(fault, (counts.get(fault) ?? 0) + 1),
      changed: observe,
    })
    return sharedStore(link, { installation, clock, dataPlanes })
  }
  return {
    acquire: (identity, settings) => leases.acquire(identity, () => open(settings)),
    states: () => [...leases.values()].map((store) => store.state()),
    faults: () => [...leases.values()].map((store) => store.fault()),
    failures: () => counts,
    close: () => {
      for (const store of leases.values()) store.close()
    },
  }
}
