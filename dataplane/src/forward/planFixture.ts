import type { ForwardPlan } from '../gateway/actionPlan.ts'

/** The plan of a rule that goes nowhere and changes nothing. */
export const idlePlan: ForwardPlan = {
  type: 'Forward',
  key: 'shop/orders/all',
  namespace: 'shop',
  path: null,
  mirrors: null,
  action: {
    type: 'Forward',
    backends: [],
    mirrors: [],
    rewrite: null,
    requestHeaders: null,
    responseHeaders: null,
    timeouts: { request: 0, backendRequest: 0, connect: 0, idle: 0, maxStreamAge: 0 },
    retry: null,
    breaker: null,
    parallel: null,
    balancing: null,
    upgrades: [],
  },
}
