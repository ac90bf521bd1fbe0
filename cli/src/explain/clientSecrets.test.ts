import { systemClock } from '@gatehouse/dataplane'
import { describe, expect, it } from 'vitest'
import { documentsOf } from '../folder/content.ts'
import { folderWith, respondingRoute } from '../folder/contentFixture.ts'
import { configurationOf } from './configuration.ts'
import { readyRequest, type FileRequest } from './described.ts'

const shop = `${respondingRoute}apiVersion: gatehouse.dev/v1alpha1
kind: AccessPolicy
metadata: {name: orders, namespace: shop}
spec:
  targetRefs: [{group: gatehouse.dev, kind: GatewayRoute, name: orders}]
  authentication: {anyOf: [{name: partners, asserts: {roles: [gold]}, apiKey: {from: [{header: X-API-Key}], secretSelector: {matchLabels: {keys: partners}}}}]}
  authorization: {rules: [{name: gold, action: Allow, methods: [GET], principal: [{attribute: Role, anyOf: [gold]}]}]}
`

const keysOf = (name: string, client: string): string => `---
apiVersion: v1
kind: Secret
metadata: {name: ${name}, namespace: shop, labels: {keys: partners}}
type: gatehouse.dev/api-keys
stringData: {${client}: '{"keyHash":"sha256:${'0'.repeat(64)}","roles":["gold"],"scopes":[]}'}
`

async function decided(text: string, caller: Pick<FileRequest, 'client' | 'clientId'>): Promise<string> {
  const content = folderWith(text)
  expect(content.faults).toEqual([])
  const configuration = configurationOf(documentsOf(content.objects, null), null, systemClock)
  try {
    const { request, client } = readyRequest({ url: 'http://api.example/', ...caller }, systemClock.now())
    const { allowed, code } = await configuration.explainer(client).explain(request)
    return allowed ? 'allowed' : (code ?? '')
  } finally {
    configuration.close()
  }
}

const described = (...roles: string[]) => ({ client: { id: 'acme', roles, scopes: [] } })

describe('a client of a test', () => {
  it.each([
    ['without a Secret', ''],
    ['with a Secret that names it', keysOf('partners', 'acme')],
    ['with a Secret that names another', keysOf('partners', 'globex')],
    ['with two Secrets that name it', keysOf('partners', 'acme') + keysOf('more', 'acme')],
  ])('is as it is described, in a folder %s', async (_, secrets) => {
    expect(await decided(shop + secrets, described('gold'))).toBe('allowed')
    expect(await decided(shop + secrets, described())).toBe('forbidden')
  })

  it('is looked up where it is not described', async () => {
    expect(await decided(shop + keysOf('partners', 'acme'), { clientId: 'acme' })).toBe('allowed')
    expect(await decided(shop + keysOf('partners', 'globex'), { clientId: 'acme' })).toBe('unauthenticated')
    expect(await decided(shop, { clientId: 'acme' })).toBe('unauthenticated')
  })
})
