import type { Clock } from './clock.ts'
import type { DataplaneConfig } from './config.ts'
import { errorCode } from './sync/errorCode.ts'
import type { SyncEvent } from './sync/event.ts'
import { readLastGood, type LastGoodFinding } from './sync/lastGood.ts'
import { LastGoodFolder, readLastGoodFiles } from './sync/lastGoodFolder.ts'
import { readSigningKeys } from './sync/peer.ts'
import { isSignedBy } from './sync/signature.ts'

/** A last good snapshot and where it is kept. */
export interface Keeping {
  readonly folder: LastGoodFolder | null
  /** What the folder holds. @param now - milliseconds since the epoch */
  read(now: number): Promise<LastGoodFinding>
}

/** The last good snapshot as configured. Nothing about it keeps a data plane from starting. */
export function keepingOf(
  { lastGood, pushDirectory, installation }: DataplaneConfig,
  observe: (event: SyncEvent) => void,
  clock: Clock,
): Keeping {
  const nothing: LastGoodFinding = { found: null, last: null, faults: [] }
  if (lastGood === null) return { folder: null, read: () => Promise.resolve(nothing) }
  const unread = (error: unknown): void => observe({ type: 'not-restored', code: errorCode(error) })
  const unkept = (error: unknown): void => observe({ type: 'not-kept', code: errorCode(error) })
  const name = `${installation.namespace}/${installation.name}`
  const read = async (now: number): Promise<LastGoodFinding> => {
    const texts = await readLastGoodFiles(lastGood, unread)
    const keys = await readSigningKeys(pushDirectory)
    return readLastGood(texts, { installation: name, isSigned: (signed) => isSignedBy(signed, keys) }, now)
  }
  return {
    folder: new LastGoodFolder(lastGood, unkept, clock),
    read: (now) =>
      read(now).catch((error: unknown) => {
        unread(error)
        return nothing
      }),
  }
}
