import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Provider, Resource } from '@gatehouse/contract'
import { startBackend, type Backend } from '../../support/backend.ts'
import { startGateway, type GatewayHarness } from '../../support/gateway.ts'
import { createIssuer, startJwksServer, type Issuer, type JwksServer } from '../../support/issuer.ts'
import { sendRaw } from '../../support/raw.ts'
import {
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../../support/resources.ts'

const provider: Provider = {
  name: 'staff',
  asserts: { roles: [], groups: [], tenants: [], plans: [] },
  method: {
    type: 'Jwt',
    issuer: 'https://idp.example',
    audiences: ['orders'],
    algorithms: ['RS256'],
    keySet: 'shop/idp',
    from: [{ header: 'authorization', prefix: 'Bearer ' }],
    requiredTyp: null,
    clockSkew: 0,
    maxTokenAge: null,
    replay: null,
    map: { roles: null, scopes: null, groups: null, tenant: null, plan: null, trustLevel: null },
  },
  broken: false,
}

const keySet = (uri: string): Resource => ({
  kind: 'keySet',
  name: 'shop/idp',
  spec: { type: 'Remote', uri, addresses: 'Public', trust: null },
})

describe('a key set that is fetched', () => {
  let backend: Backend
  let idp: Issuer
  let stranger: Issuer
  beforeAll(async () => {
    ;[backend, idp, stranger] = await Promise.all([
      startBackend(),
      createIssuer({ kid: 'known' }),
      createIssuer({ kid: 'unknown' }),
    ])
  })
  afterAll(() => backend.close())

  const started = async (server: JwksServer): Promise<GatewayHarness> =>
    await startGateway([
      installationResource(),
      listenerResource(),
      ...upstreamResources('orders', [backend]),
      policyResource({ providers: [provider] }),
      keySet(server.uri),
      routeResource([ruleTo('orders')]),
    ])

  async function ask(gateway: GatewayHarness, issuer: Issuer, count = 1): Promise<number[]> {
    const asking = Array.from({ length: count }, async (_, at) => {
      const token = await issuer.sign({ sub: 'ada', aud: 'orders', jti: `${at}` })
      const lines = ['GET / HTTP/1.1', 'Host: api.shop.example', `Authorization: Bearer ${token}`]
      const { responses } = await sendRaw(gateway.target(), `${lines.join('\r\n')}\r\n\r\n`, { responses: 1 })
      return responses[0]!.status
    })
    return [...new Set(await Promise.all(asking))]
  }

  it('is asked for once, however many tokens name unknown keys', async () => {
    const server = await startJwksServer(idp.jwks)
    const gateway = await started(server)
    expect(await ask(gateway, idp)).toEqual([200])
    expect(await ask(gateway, stranger, 200)).toEqual([401])
    expect(await ask(gateway, idp)).toEqual([200])
    expect(server.fetches()).toBe(1)
    await gateway.close()
    await server.close()
  })

  it.each<[string, string | number]>([
    ['is down', 500],
    ['shows a page', '<html>Sign in</html>'],
    ['sends more than a set can be', ' '.repeat(600_000)],
  ])('lets nobody in while its provider %s', async (_name, answer) => {
    const server = await startJwksServer(answer)
    const gateway = await started(server)
    expect(await ask(gateway, idp, 20)).toEqual([503])
    expect(await ask(gateway, stranger, 20)).toEqual([503])
    expect(server.fetches()).toBeLessThanOrEqual(2)
    await gateway.close()
    await server.close()
  })
})
