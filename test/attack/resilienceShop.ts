import type { Action } from '@gatehouse/contract'
import { backendOf } from '../support/resources.ts'

type Forward = Extract<Action, { type: 'Forward' }>

/** The part of the shop whose backend is asked again, or only so much at a time; each is served below its name. */
export const resilientPaths: Readonly<Record<string, Partial<Forward>>> = {
  again: { retry: { attempts: 2, codes: [503], backoff: 1, budgetPercent: 100 } },
  'again-signed': {
    backends: [backendOf('web', { auth: { type: 'SignedToken', audience: 'shop/orders' } })],
    retry: { attempts: 2, codes: [503], backoff: 1, budgetPercent: 100 },
  },
  breakable: { breaker: { errorPercent: 50, minRequests: 4, window: 60_000, openFor: 60_000, slowCall: null } },
  narrow: { parallel: { max: 1, pending: 0 } },
}
