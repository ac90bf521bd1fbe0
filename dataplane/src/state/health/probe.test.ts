import { describe, expect, it } from 'vitest'
import type { Connections, ResponseHandler } from '../connections.ts'
import { NamespaceFull } from '../namespaceLoads.ts'
import { probe } from './probe.ts'

const check = {
  path: '/healthz',
  interval: 1000,
  timeout: 1000,
  healthyThreshold: 1,
  unhealthyThreshold: 1,
  expectedStatuses: [200],
}

/** What comes of a probe whose connection tells it this. */
function outcomeOf(tell: (handler: ResponseHandler) => void): boolean | null | undefined {
  let outcome: boolean | null | undefined
  const pool: Connections = {
    dispatch: (_request, handler) => tell(handler),
    closed: false,
    stats: { connected: 0 },
    close: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
  }
  probe(
    { pool, address: '127.0.0.1:1', inFlight: 0, ended: () => {} },
    'orders.shop',
    check,
    (good) => (outcome = good),
  )
  return outcome
}

describe('a probe', () => {
  it('that cannot connect says that the address is not well', () => {
    expect(outcomeOf((handler) => handler.onResponseError(null, new Error('refused')))).toBe(false)
  })

  it('says nothing where its namespace may have no more connections', () => {
    expect(outcomeOf((handler) => handler.onResponseError(null, new NamespaceFull()))).toBeNull()
  })
})
