import type { StoreFault } from '@gatehouse/contract'
import type { Clock } from '../../clock.ts'
import { useKey, type Marking, type SingleUse } from '../replays.ts'
import { storeKeys, type StoreKeys } from './keys.ts'
import { Leases } from './leases.ts'
import type { LinkState, StoreLink } from './link.ts'
import { phaseValues, readPhase, type PhaseMode, type SharedMeter, type SharedPhase, type StorePhase } from './phase.ts'
import { phaseScript } from './phaseScript.ts'
import { storeScript } from './script.ts'

/** Where the data planes of an installation count together. No call takes longer than the store's deadline, and none rejects. */
export interface SharedStore {
  readonly keys: StoreKeys
  /**
   * @param namespace - whose request asks; empty = nobody's
   * @returns the word for why nothing is known, or how the meters stand
   */
  count(mode: PhaseMode, meters: readonly SharedMeter[], namespace: string): Promise<SharedPhase | StoreFault>
  /**
   * Asks and marks for all data planes in one step. `unknown` when the store does not say.
   *
   * @param now - milliseconds since the epoch
   * @param namespace - whose request asks
   */
  mark(use: SingleUse, now: number, namespace: string): Promise<Marking>
  /** Lets counters begin anew. @returns how many there were, or the word for why that is not known */
  forget(counters: readonly string[]): Promise<number | StoreFault>
  state(): LinkState
  /** Why it cannot be counted in; null = it can, or it is not known yet. */
  fault(): StoreFault | null
  close(): void
}

/** A mark outlives what it marks by as much as the clocks of data planes may differ, in milliseconds. */
const clockMargin = 60_000
const longestLife = 400 * 86_400_000

/** SET with NX and GET both came late; a script does it in every version. */
const markScript = storeScript(`
if redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then return 1 end
return 0
`)

const forgetScript = storeScript(`
local known = 0
for _, key in ipairs(KEYS) do known = known + redis.call('DEL', key) end
return known
`)

interface StoreUse {
  /** `namespace/name` */
  readonly installation: string
  readonly clock: Clock
  readonly dataPlanes: () => number
}

export function sharedStore(link: StoreLink, { installation, clock, dataPlanes }: StoreUse): SharedStore {
  const keys = storeKeys(installation)
  const sinceEpoch = (): number => Math.floor(clock.now() * 1000)
  const ask = async (
    mode: PhaseMode,
    meters: readonly SharedMeter[],
    namespace: string,
  ): Promise<StorePhase | StoreFault> => {
    const reply = await link.run(
      phaseScript,
      meters.map(({ key }) => key),
      phaseValues(mode, meters, sinceEpoch),
      namespace,
    )
    if (!reply.ok) return reply.fault
    return readPhase(reply.reply, meters) ?? link.fail('malformed')
  }
  const now = (): number => Math.floor(clock.monotonic() * 1000)
  const leases = new Leases(ask, { now, deadline: link.deadline, dataPlanes })
  return {
    keys,
    count: (mode, meters, namespace) => leases.count(mode, meters, namespace),
    async mark(use, now, namespace) {
      const life = Math.min(longestLife, Math.ceil(use.until - now) + clockMargin)
      const reply = await link.run(markScript, [keys.mark(useKey(use))], [String(life)], namespace)
      if (!reply.ok) return 'unknown'
      if (reply.reply === 1) return 'first'
      if (reply.reply === 0) return 'seen'
      link.fail('malformed')
      return 'unknown'
    },
    async forget(counters) {
      const reply = await link.run(forgetScript, counters, [], '')
      if (!reply.ok) return reply.fault
      return typeof reply.reply === 'number' ? reply.reply : link.fail('malformed')
    },
    state: () => link.state,
    fault: () => link.fault,
    close: () => link.close(),
  }
}
