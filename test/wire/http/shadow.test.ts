import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Resource } from '@gatehouse/contract'
import { startBackend, type Backend } from '../../support/backend.ts'
import { startGateway, type GatewayHarness } from '../../support/gateway.ts'
import { sendRaw } from '../../support/raw.ts'
import {
  enforce,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../../support/resources.ts'

const trying: Resource = policyResource({
  shadow: {
    rules: [
      {
        name: 'no-deletes',
        action: 'Deny',
        methods: ['DELETE'],
        paths: null,
        principal: [],
        unless: null,
        expression: null,
        broken: false,
      },
      {
        name: 'anyone',
        action: 'Allow',
        methods: null,
        paths: null,
        principal: [{ attribute: 'Anyone' }],
        unless: null,
        expression: null,
        broken: false,
      },
    ],
    quotas: [],
  },
})

describe('a rule in Shadow', () => {
  let backend: Backend
  let gateway: GatewayHarness
  beforeAll(async () => {
    backend = await startBackend()
    gateway = await startGateway([
      installationResource(),
      listenerResource(),
      ...upstreamResources('orders', [backend]),
      trying,
      routeResource([ruleTo('orders', { shadow: enforce() })]),
    ])
  })
  afterAll(async () => {
    await gateway.close()
    await backend.close()
  })

  const send = (method: string) =>
    sendRaw(gateway.target(), `${method} /orders HTTP/1.1\r\nHost: api.shop.example\r\nConnection: close\r\n\r\n`)

  it('refuses nothing, and says in both logs and in a metric what it would have refused', async () => {
    await send('GET')
    await send('DELETE')
    expect(backend.requests.map(({ method }) => method)).toEqual(['GET', 'DELETE'])
    const security = await gateway.logs.lines.first(({ log }) => log === 'security')
    expect(security).toMatchObject({
      decision: 'permit',
      code: null,
      would: 'would-deny',
      wouldCode: 'forbidden',
      wouldCheck: 'authorization',
      wouldPolicy: 'shop/public',
      wouldItem: 'no-deletes',
      wouldLevel: 3,
    })
    const audited = gateway.logs.lines.all.filter(({ log }) => log === 'audit')
    expect(audited.map((line) => line['would'])).toEqual(['same', 'would-deny'])
    const text = await gateway.metrics()
    expect(text).toContain('gatehouse_shadow_decisions_total{would="would-deny",check="authorization"} 1')
    expect(text).toContain('gatehouse_shadow_decisions_total{would="same",check="none"} 1')
  })
})
