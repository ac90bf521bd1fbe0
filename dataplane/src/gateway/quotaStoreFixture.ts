import type { Resource } from '@gatehouse/contract'

/** A store at an address where nobody answers, for tests that put another in its place or count nothing there. */
export const quotaStore: Resource = {
  kind: 'quotaStore',
  name: 'quota-store',
  spec: {
    installation: 'gatehouse-system/edge',
    topology: { type: 'Single', server: { host: '127.0.0.1', port: 1 } },
    tls: null,
    login: null,
  },
}
