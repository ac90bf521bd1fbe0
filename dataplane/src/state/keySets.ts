import type { ResourceSpec } from '@gatehouse/contract'
import type { Clock } from '../clock.ts'
import { addressRules } from './addressRules.ts'
import { systemResolve } from './checkedDialer.ts'
import { fetchText, type FetchRequest } from './fetch.ts'
import { keyIndex } from './keyIndex.ts'
import type { KeySource } from './keySource.ts'
import { createLeases, type Lease } from './lease.ts'
import { defaultRefreshTimes, RemoteKeys, type KeySetState, type RefreshTimes } from './remoteKeys.ts'
import { verificationKeys } from './verificationKeys.ts'

/** A key set as a snapshot describes it, with all that decides how it is fetched. */
export type KeySetSettings =
  | Extract<ResourceSpec<'keySet'>, { type: 'Inline' }>
  | {
      readonly type: 'Remote'
      readonly uri: string
      readonly addresses: 'Public' | 'Private'
      /** PEM certificates in place of the system's authorities; null = the system's. */
      readonly anchors: readonly string[] | null
      readonly outbound: ResourceSpec<'installation'>['outbound']
    }

/** The key sets of all snapshots. */
export interface KeySets {
  /**
   * @param identity - of the object and its settings: the same identity is the same key set, in every snapshot (M16)
   * @throws Error when an inline set holds a secret key or no key that could verify
   */
  acquire(identity: string, settings: KeySetSettings): Lease<KeySource>
  /** The state of each set that is fetched. */
  states(): Iterable<KeySetState>
  /** Ends all fetching. */
  close(): void
}

export interface KeySetsOptions {
  readonly clock: Clock
  /** From 0 up to, but not including, 1. */
  readonly random: () => number
  readonly times?: RefreshTimes
  readonly fetch?: (request: FetchRequest) => Promise<string>
}

/** `state` is null for a set that is never fetched. */
type Open = KeySource & { state(): KeySetState | null; close(): void }

export function createKeySets({ clock, random, times, fetch = fetchText }: KeySetsOptions): KeySets {
  const leases = createLeases<Open>((keys) => keys.close())
  const open = (settings: KeySetSettings): Open => {
    if (settings.type === 'Inline') return inlineKeys(settings.keys)
    const { uri, addresses, anchors, outbound } = settings
    const request = { uri, addresses, anchors, rules: addressRules(outbound), resolve: systemResolve }
    return new RemoteKeys({ fetch: () => fetch(request), clock, random, times: times ?? defaultRefreshTimes })
  }
  return {
    acquire: (identity, settings) => leases.acquire(identity, () => open(settings)),
    *states() {
      for (const keys of leases.values()) {
        const state = keys.state()
        if (state !== null) yield state
      }
    },
    close: () => {
      for (const keys of leases.values()) keys.close()
    },
  }
}

function inlineKeys(keys: readonly unknown[]): Open {
  const usable = verificationKeys(keys, keys.length)
  if (usable === null || usable.length === 0) throw new Error('the key set has no key that may be used')
  return {
    ...keyIndex(usable),
    renew: () => Promise.resolve(),
    unavailableFor: () => null,
    state: () => null,
    close: () => {},
  }
}
