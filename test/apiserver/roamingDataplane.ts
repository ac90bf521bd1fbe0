import { systemClock } from '../../dataplane/src/clock.ts'
import { SyncClient } from '../../dataplane/src/sync/client.ts'
import type { SyncEvent } from '../../dataplane/src/sync/event.ts'
import { readPushCredentials } from '../../dataplane/src/sync/peer.ts'
import { changes, type Changes } from '../support/changes.ts'
import { credentialsFolder, type PushChannel } from '../support/pushChannel.ts'

/** What a data plane took. */
export interface Taken {
  readonly term: number
  readonly sequence: number
  readonly revision: string
  /** Milliseconds on the monotonic clock. */
  readonly at: number
}

/** The sync client of a data plane, with its own times, which remembers everything that it takes. */
export interface RoamingDataplane {
  readonly taken: Changes<Taken>
  readonly events: Changes<SyncEvent>
  close(): Promise<void>
}

/** @param controllers - `host:port` of each */
export async function roamingDataplane(
  { installation, authority, dataplane, signing }: PushChannel,
  controllers: readonly string[],
): Promise<RoamingDataplane> {
  const folder = await credentialsFolder(authority.certificate, dataplane, signing)
  const taken = changes<Taken>()
  const events = changes<SyncEvent>()
  const client = new SyncClient({
    clock: systemClock,
    installation,
    controllers,
    instance: 'roaming',
    version: '0.0.0-test',
    credentials: () => readPushCredentials({ directory: folder.path, tokenFile: null }),
    initial: { snapshot: null, last: null },
    apply: (_, { term, sequence, revision }) => {
      taken.add({ term, sequence, revision, at: performance.now() })
      return Promise.resolve([])
    },
    observe: (event) => events.add(event),
    random: Math.random,
  })
  return {
    taken,
    events,
    close: async () => {
      await client.close()
      await folder.remove()
    },
  }
}
