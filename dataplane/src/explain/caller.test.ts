import type { Provider, Resource } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { allowAuthenticated, clock, gateway, jwt, mtls, seconds } from '../gateway/callerFixture.ts'
import { certificateOf, connection, policy, provider, request } from '../gateway/snapshotFixture.ts'
import { authenticate } from '../policy/authentication.ts'
import { standInCaller, type StandIn } from './caller.ts'

const opaque: Provider = provider(
  {
    type: 'Introspection',
    url: 'https://opaque.example/introspect',
    addresses: 'Public',
    trust: null,
    client: 'shop/idp',
    issuer: 'https://opaque.example',
    audiences: ['orders'],
    from: [{ header: 'authorization', prefix: 'Bearer ' }],
    map: { roles: null, scopes: null, groups: null, tenant: null, plan: null, trustLevel: null },
    cacheTTL: 0,
    negativeTTL: 0,
    timeout: 1000,
    maxInFlight: 1,
  },
  { name: 'opaque' },
)
const client: Resource = {
  kind: 'clientCredential',
  name: 'shop/idp',
  spec: { clientId: 'gatehouse', clientSecret: 'not-a-secret' },
}

const tokenOf = (iss: string): StandIn => ({
  type: 'Token',
  claims: { iss, aud: 'orders', sub: 'ada', exp: seconds + 60 },
  anyAudience: false,
})

/** What a stand-in comes to on a connection with a client certificate: `permit`, or the code and the provider. */
async function decided(providers: readonly Provider[], standIn: StandIn): Promise<string> {
  const built = gateway(policy({ providers: [...providers], rules: [allowAuthenticated] }), client)
  const clientCertificate = certificateOf({ dnsNames: ['web.mesh'] })
  const opinion = await built.gateway.judge(request('/', [], { connection: connection({ clientCertificate }) }), {
    counts: false,
    authentication: (authenticator, facts) =>
      standInCaller(authenticator, facts, standIn, clock.now()) ??
      authenticate(authenticator, facts, () => clock.now()),
    saw: () => {},
  })
  return 'code' in opinion ? `${opinion.code} ${opinion.judgement.item}` : 'permit'
}

describe('a stand-in for a token', () => {
  it('lets no certificate count beside it, whoever could claim that (M3)', async () => {
    const two = [mtls, { ...mtls, name: 'other-mesh' }]
    expect(await decided([jwt, ...two], tokenOf('https://idp'))).toBe('permit')
    expect(await decided([jwt, mtls], tokenOf('https://nobody.example'))).toBe('unauthenticated null')
  })

  it('is asked about where no jwt provider claims it, whatever its issuer (M3)', async () => {
    expect(await decided([opaque], tokenOf('https://opaque.example'))).toBe('permit')
    expect(await decided([opaque], tokenOf('https://idp'))).toBe('unauthenticated opaque')
    expect(await decided([opaque, jwt], tokenOf('https://idp'))).toBe('permit')
    expect(await decided([opaque, jwt], tokenOf('https://nobody.example'))).toBe('unauthenticated opaque')
  })
})
