import type { WorldSource } from '../world.ts'
import { createBackoff } from './backoff.ts'
import { assertBundle, BundleError } from './bundle.ts'
import type { KubeClient } from './client.ts'
import { pause } from './pause.ts'

export interface BundleOptions {
  readonly client: Pick<KubeClient, 'get'>
  /** Called once when the cluster has not the CRDs that this controller reads: nothing is ever read then. */
  readonly outdated: (error: BundleError) => void
  /** Called for each failure to read the CRDs; they are read again. */
  readonly failed: (error: unknown) => void
  /** In [0, 1). */
  readonly random: () => number
}

/** Bounds of the wait between two looks, in milliseconds. */
const firstWait = 250
const longestWait = 2_000

/**
 * A source that begins only once the cluster has the CRDs of this release. While there is no API server it waits, so
 * that a controller that starts in an outage is there as soon as the outage ends.
 */
export function afterBundle(source: WorldSource, options: BundleOptions): WorldSource {
  const stop = new AbortController()
  const backoff = createBackoff(firstWait, longestWait, options.random)
  /** @returns whether the source may begin */
  const verified = async (): Promise<boolean> => {
    while (!stop.signal.aborted) {
      try {
        await assertBundle(options.client)
        return true
      } catch (error) {
        if (error instanceof BundleError) {
          options.outdated(error)
          return false
        }
        options.failed(error)
      }
      await pause(backoff.next(), stop.signal)
    }
    return false
  }
  return {
    start: (changed, restated) =>
      void verified().then((isVerified) => {
        if (isVerified && !stop.signal.aborted) source.start(changed, restated)
      }),
    world: () => source.world(),
    relist: () => source.relist(),
    close: async () => {
      stop.abort()
      await source.close()
    },
  }
}
