import { systemClock } from '../../dataplane/src/clock.ts'
import type { ObjectName, RefusedResource, Snapshot } from '@gatehouse/contract'
import { SyncClient } from '../../dataplane/src/sync/client.ts'
import type { SyncEvent } from '../../dataplane/src/sync/event.ts'
import { readPushCredentials } from '../../dataplane/src/sync/peer.ts'
import type { Leaf } from '../support/authority.ts'
import { changes, type Changes } from '../support/changes.ts'
import { credentialsFolder, type CredentialsFolder } from '../support/pushChannel.ts'
import type { SigningKeys } from '../support/signing.ts'

export const installation: ObjectName = { namespace: 'gatehouse-system', name: 'edge' }

/** A sync client without a gateway behind it. */
export interface Follower {
  readonly client: SyncClient
  readonly events: Changes<SyncEvent>
  /** The snapshots handed to `apply`. */
  readonly applied: Changes<Snapshot>
  readonly folder: CredentialsFolder
  close(): Promise<void>
}

export interface FollowerOptions {
  readonly addresses: readonly string[]
  readonly ca: string
  readonly leaf: Leaf
  readonly signing: SigningKeys
  /** Path; default: it has no token. */
  readonly tokenFile?: string
  /** All addresses of a name. Default: the system's answer. */
  readonly resolve?: (host: string) => Promise<readonly string[]>
  readonly apply?: (snapshot: Snapshot) => Promise<readonly RefusedResource[]>
  readonly pingInterval?: number
  readonly openTimeout?: number
  readonly backoff?: { readonly min: number; readonly max: number }
  /** Called with each event before it is kept. */
  readonly observe?: (event: SyncEvent) => void
}

/** Starts to follow the controllers at these addresses. */
export async function startFollower(options: FollowerOptions): Promise<Follower> {
  const folder = await credentialsFolder(options.ca, options.leaf, options.signing)
  const events = changes<SyncEvent>()
  const applied = changes<Snapshot>()
  const client = new SyncClient({
    clock: systemClock,
    installation,
    controllers: options.addresses,
    instance: 'dp-0',
    version: '0.1.0',
    credentials: () => readPushCredentials({ directory: folder.path, tokenFile: options.tokenFile ?? null }),
    initial: { snapshot: null, last: null },
    apply: async (snapshot) => {
      applied.add(snapshot)
      return (await options.apply?.(snapshot)) ?? []
    },
    observe: (event) => {
      options.observe?.(event)
      events.add(event)
    },
    random: () => 0,
    ...(options.resolve === undefined ? {} : { resolve: options.resolve }),
    backoff: options.backoff ?? { min: 5, max: 20 },
    ...(options.pingInterval === undefined ? {} : { pingInterval: options.pingInterval }),
    ...(options.openTimeout === undefined ? {} : { openTimeout: options.openTimeout }),
  })
  return {
    client,
    events,
    applied,
    folder,
    close: async () => {
      await client.close()
      await folder.remove()
    },
  }
}
