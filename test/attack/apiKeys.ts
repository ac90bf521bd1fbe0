import { keyHashOf } from '../support/keyHash.ts'
import type { Resource } from '@gatehouse/contract'

/** Keys that the shop knows by their hash. */
export const apiKeys = {
  good: 'k-1f9c1bb2a0e34d3a8d0c7f1f5b7e9a11',
  reader: 'k-6f1e9d0c7b8a45f2a1c3e5d7f9b1a3c5',
  expired: 'k-aa5e3b1c9d7f4e2a8b6c0d1e2f3a4b5c',
  future: 'k-0b1d2f3e4a5c46b7a8d9c0e1f2b3a4d5',
  elsewhere: 'k-c0ffee00c0ffee00c0ffee00c0ffee00',
  old: 'k-7a1e5b3c9d7f4e2a8b6c0d1e2f3a4b01',
  next: 'k-7a1e5b3c9d7f4e2a8b6c0d1e2f3a4b02',
  past: 'k-7a1e5b3c9d7f4e2a8b6c0d1e2f3a4b03',
  present: 'k-7a1e5b3c9d7f4e2a8b6c0d1e2f3a4b04',
} as const

const hour = 3_600_000

interface Times {
  readonly notBefore?: number
  readonly expiresAt?: number
}

const keyOf = (key: string, { notBefore, expiresAt }: Times = {}) => ({
  keyHash: keyHashOf(key),
  notBefore: notBefore ?? null,
  expiresAt: expiresAt ?? null,
})

const client = (id: string, key: string, over: Times & { readonly roles?: string[] } = {}) => ({
  id,
  keys: [keyOf(key, over)],
  roles: over.roles ?? ['admin'],
  scopes: [],
  tenant: 'acme',
  plan: 'gold',
})

/** What the shop knows of its partners. @param now - milliseconds since the epoch */
export const partnerKeys = (now: number): Resource => ({
  kind: 'credentials',
  name: 'shop/partners',
  spec: {
    clients: [
      client('good', apiKeys.good),
      client('reader', apiKeys.reader, { roles: ['reader', 'root'] }),
      client('expired', apiKeys.expired, { expiresAt: now - 1000 }),
      client('future', apiKeys.future, { notBefore: now + hour }),
      { ...client('rotating', ''), keys: [keyOf(apiKeys.old, { expiresAt: now + hour }), keyOf(apiKeys.next)] },
      { ...client('rotated', ''), keys: [keyOf(apiKeys.past, { expiresAt: now - 1000 }), keyOf(apiKeys.present)] },
    ],
  },
})
