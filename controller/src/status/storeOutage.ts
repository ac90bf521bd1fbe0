import type { StoreFault } from '@gatehouse/contract'
import { sentence } from '../compile/findings.ts'
import type { Finding } from '../compile/verdict.ts'
import type { SessionState } from '../push/sessions.ts'

/** At how many data planes the store of quotas cannot be counted in, for each word of why; empty = it can everywhere. */
export type StoreOutage = readonly string[]

/** What all data planes together say: words of a closed list and numbers alone (M19), those of most data planes first. */
export function storeOutageOf(sessions: readonly Pick<SessionState, 'revision' | 'storeFault'>[]): StoreOutage {
  const serving = sessions.filter(({ revision }) => revision !== null)
  const total = serving.length === 1 ? '1 data plane' : `${serving.length} data planes`
  const counts = new Map<StoreFault, number>()
  for (const { storeFault } of serving)
    if (storeFault !== null) counts.set(storeFault, (counts.get(storeFault) ?? 0) + 1)
  return [...counts]
    .sort(([a, some], [b, others]) => others - some || (a < b ? -1 : 1))
    .map(([fault, count]) => `${fault} at ${count} of ${total}`)
}

/**
 * What there is to say of the store of an installation.
 *
 * @param resources - keys of what the installation compiles to: without a store among them nothing is believed of one
 */
export function storeFindings(outage: StoreOutage, resources: readonly string[]): readonly Finding[] {
  if (outage.length === 0 || !resources.some((key) => key.startsWith('quotaStore/'))) return []
  const reason = 'StoreFailing'
  return [{ type: 'QuotaStoreUnavailable', status: 'True', reason, message: sentence(reason, outage) }]
}
