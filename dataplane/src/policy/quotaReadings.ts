import type { SharedStore } from '../state/store/sharedStore.ts'
import { isAligned, remainingOf, resetOf, settle } from './meter.ts'
import type { Moment } from './moment.ts'
import { keyOf, type QuotaSubject } from './quotaKeys.ts'
import { ratesFor, type QuotaCheck, type Rate } from './quotas.ts'

/** What one rate of a quota has left for one caller. */
export interface QuotaReading {
  readonly name: string
  readonly limit: number
  /** Milliseconds; null = it has no length of its own. */
  readonly window: number | null
  /** Whole units; null = nobody can tell at present. */
  readonly remaining: number | null
  /** Milliseconds until there is more. */
  readonly reset: number
}

/** Whose quotas are read. */
export interface Reader extends Omit<QuotaSubject, 'route'> {
  /** null = a quota that counts by route is not told. */
  readonly route: string | null
}

/** One rate that is read, and of what key. */
export interface Wanted {
  readonly check: QuotaCheck
  readonly rate: Rate
  readonly key: string
}

/**
 * The rates that a caller is under. One that counts by a header is none of them, for that would be a part of the key that the
 * caller chooses.
 */
export function wantedRates(checks: readonly QuotaCheck[], reader: Reader, now: Moment): readonly Wanted[] {
  const { route } = reader
  const who = { ...reader, route: route ?? '' }
  return checks
    .filter(({ keys }) => keys.header === null && (route !== null || keys.parts.every(({ type }) => type !== 'Route')))
    .flatMap((check) => {
      const key = keyOf(check.keys, who, now.steady)
      return ratesFor(check, who).map((rate) => ({ check, rate, key }))
    })
}

const about = ({ check, rate: { told } }: Wanted) => ({ name: check.quota, limit: told.limit, window: told.window })

/** What this data plane has counted; nothing is charged, and nobody remembered who has taken nothing. */
export function readHere(wanted: Wanted, now: Moment): QuotaReading {
  const { rate, key } = wanted
  const { meter, table } = rate
  const place = table.find(key)
  if (place === null) return { ...about(wanted), remaining: meter.burst, reset: 0 }
  const time = isAligned(meter) ? now.wall : now.steady
  settle(meter, table.cells, place, time)
  const remaining = remainingOf(meter, table.cells, place, time)
  return { ...about(wanted), remaining, reset: Math.ceil(resetOf(meter, table.cells, place, time) / 1000) }
}

/** Questions about usage are no namespace's: together they have the share of one. */
const nobody = ''

/** What all data planes have counted together, in one call that charges nothing. */
export async function readTogether(
  wanted: readonly Wanted[],
  store: SharedStore | null,
): Promise<readonly QuotaReading[]> {
  if (wanted.length === 0) return []
  const meters = wanted.map(({ rate: { meter, counter }, key }) => {
    return { key: store?.keys.count(counter, key) ?? '', meter, cost: 0, most: 0 }
  })
  const phase = (await store?.count('ask', meters, nobody)) ?? 'none'
  return wanted.map((one, index) => {
    const count = typeof phase === 'string' ? null : phase.counts[index]
    if (!count) return { ...about(one), remaining: null, reset: 0 }
    return { ...about(one), remaining: count.remaining, reset: Math.ceil(count.reset / 1000) }
  })
}

/** What identifies a rate and its key among all of an installation. */
export const identityOf = ({ rate: { counter }, key }: Wanted): string => JSON.stringify([counter, key])
