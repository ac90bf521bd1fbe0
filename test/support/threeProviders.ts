import type { Provider } from '@gatehouse/contract'

type Of<T extends Provider['method']['type']> = Extract<Provider['method'], { type: T }>

/** What tells the providers of one shop from those of another. */
export interface ThreeProviders {
  /** Of the JWTs. */
  readonly keyIssuer: string
  readonly asserts: Provider['asserts']
  readonly map: Of<'Jwt'>['map']
  readonly introspection: Pick<Of<'Introspection'>, 'url' | 'issuer'> & Partial<Of<'Introspection'>>
}

const from = [{ header: 'authorization', prefix: 'Bearer ' }]

/** JWTs of one issuer (`staff`), opaque tokens of another (`opaque`) and API keys (`partners`). */
export function threeProviders({ keyIssuer, asserts, map, introspection }: ThreeProviders): Provider[] {
  const staff: Of<'Jwt'> = {
    type: 'Jwt',
    issuer: keyIssuer,
    audiences: ['orders'],
    algorithms: ['RS256'],
    keySet: 'shop/staff',
    from,
    requiredTyp: null,
    clockSkew: 0,
    maxTokenAge: null,
    replay: null,
    map,
  }
  const opaque: Of<'Introspection'> = {
    type: 'Introspection',
    addresses: 'Public',
    trust: 'shop/idp-ca',
    client: 'shop/idp',
    audiences: ['orders'],
    from,
    map,
    cacheTTL: 30_000,
    negativeTTL: 5000,
    timeout: 1000,
    maxInFlight: 100,
    ...introspection,
  }
  const partners: Of<'ApiKey'> = {
    type: 'ApiKey',
    from: [{ header: 'x-api-key', prefix: '' }],
    credentials: 'shop/partners',
  }
  return Object.entries({ staff, opaque, partners }).map(([name, method]) => ({ name, asserts, broken: false, method }))
}
