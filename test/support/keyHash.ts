import { createHash } from 'node:crypto'
import type { ResourceSpec } from '@gatehouse/contract'

/** What a Secret holds of an API key. */
export const keyHashOf = (key: string): string => `sha256:${createHash('sha256').update(key, 'utf8').digest('hex')}`

type Client = ResourceSpec<'credentials'>['clients'][number]

/** A client with one key, which holds at all times. */
export const clientWith = (key: string, over: Partial<Client> & Pick<Client, 'id'>): Client => ({
  keys: [{ keyHash: keyHashOf(key), notBefore: null, expiresAt: null }],
  roles: [],
  scopes: [],
  tenant: null,
  plan: null,
  ...over,
})

/** The key of a tenant's client. */
export const tenantKey = (tenant: string): string => `k-${tenant}-7f3a9c1bb2a0e34d3a8d0c7f1f5b7e9a`

/** A client of each tenant, by its key. */
export const clientsOf = (tenants: readonly string[]): Client[] =>
  tenants.map((tenant) => clientWith(tenantKey(tenant), { id: `client-of-${tenant}`, tenant }))
