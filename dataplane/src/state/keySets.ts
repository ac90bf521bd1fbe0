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
export type KeySetSettings = Extract<ResourceSpec<'keySet'>, { type: 'Inline' }> | RemoteSettings

export interface RemoteSettings {
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
   * @param namespace - of the object
   * @throws Error when an inline set holds a secret key or no key that could verify
   */
  acquire(identity: string, settings: KeySetSettings, namespace: string): Lease<KeySource>
  /**
   * What somebody else fetches by these settings, for whoever may fetch nothing; null when nobody does.
   *
   * @param namespace - only sets of objects of this namespace are looked at (M16)
   */
  fetched(namespace: string, settings: RemoteSettings): KeySource | null
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
  const bySettings = new Map<string, Open>()
  const leases = createLeases<Open>((keys) => {
    keys.close()
    for (const [key, known] of bySettings) if (known === keys) bySettings.delete(key)
  })
  const open = (settings: KeySetSettings, namespace: string): Open => {
    if (settings.type === 'Inline') return inlineKeys(settings.keys)
    const { uri, addresses, anchors, outbound } = settings
    const request = { uri, addresses, anchors, rules: addressRules(outbound), resolve: systemResolve }
    const keys = new RemoteKeys({ fetch: () => fetch(request), clock, random, times: times ?? defaultRefreshTimes })
    bySettings.set(settingsKey(namespace, settings), keys)
    return keys
  }
  return {
    acquire: (identity, settings, namespace) => leases.acquire(identity, () => open(settings, namespace)),
    fetched: (namespace, settings) => bySettings.get(settingsKey(namespace, settings)) ?? null,
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

const settingsKey = (namespace: string, { uri, addresses, anchors, outbound }: RemoteSettings): string =>
  JSON.stringify([namespace, uri, addresses, anchors, outbound])

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
