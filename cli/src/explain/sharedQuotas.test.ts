import { systemClock } from '@gatehouse/dataplane'
import { describe, expect, it } from 'vitest'
import { judge } from '../check/judgement.ts'
import { documentsOf } from '../folder/content.ts'
import { folderWith, respondingRoute } from '../folder/contentFixture.ts'
import { missingForStore } from '../quota/missing.ts'
import { configurationOf } from './configuration.ts'
import { describedRequest } from './request.ts'

const storeless = `apiVersion: gatehouse.dev/v1alpha1
kind: Gatehouse
metadata: {name: edge, namespace: gatehouse-system}
spec:
  tenancy: Single
  listeners:
  - {name: http, port: 80, protocol: HTTP, default: true, plaintextCredentials: Allow, allowedRoutes: {namespaces: {from: All}}}
`
const gatehouse = `${storeless}  quotaStore:
    type: Redis
    redis: {topology: Single, servers: [{host: redis.example, port: 6379}], tls: {}, secretRef: {name: quota-store}}
---
`
const secret = `apiVersion: v1
kind: Secret
metadata:
  name: quota-store
  namespace: gatehouse-system
  annotations: {gatehouse.dev/destination-hosts: "redis.example:6379"}
type: gatehouse.dev/quota-store
stringData: {password: not-a-secret}
---
`
const shop = `${respondingRoute}apiVersion: gatehouse.dev/v1alpha1
kind: AccessPolicy
metadata: {name: orders, namespace: shop}
spec:
  targetRefs: [{group: gatehouse.dev, kind: GatewayRoute, name: orders}]
  authentication: {anyOf: [{name: public, anonymous: {}}]}
  authorization: {rules: [{name: all, action: Allow, methods: [GET], principal: [{attribute: Anyone}]}]}
  quotas:
  - {name: all, keys: [{type: IP}], algorithm: FixedWindow, rates: [{limit: 10, window: 1h}], scope: Shared, onStoreFailure: Deny}
---
`

describe('Shared quotas of a folder', () => {
  it.each([
    ['with the Secret of the store', gatehouse + secret + shop, null],
    ['without it', gatehouse + shop, 'Secret gatehouse-system/quota-store'],
    ['without the Gatehouse', shop, 'Gatehouse not-in-folder/gatehouse'],
  ])('are judged as if they could be counted, %s', async (_, text, missing) => {
    const content = folderWith(text)
    expect(content.faults).toEqual([])
    const conditions = judge(content).objects.flatMap((one) => one.conditions)
    expect(conditions.filter(({ type, status }) => type === 'PartiallyInvalid' || status === 'False')).toEqual([])
    const documents = documentsOf(content.objects, null)
    const configuration = configurationOf(documents, null, systemClock)
    const request = describedRequest({ url: 'http://api.example/', standIn: null })
    expect(await configuration.explainer(null).explain(request)).toMatchObject({ allowed: true })
    configuration.close()
    const lack = missing && `${missing} is not in the folder; add it or use --cluster`
    expect(missingForStore(documents, configuration, false)).toBe(lack)
  })

  it('can be asked for in a cluster only with what is read there', () => {
    const documents = documentsOf(folderWith(gatehouse + shop).objects, null)
    const installation = { gatehouse: 'gatehouse-system/edge', isStandIn: false }
    expect(missingForStore(documents, installation, true)).toBe(
      'Secret gatehouse-system/quota-store is not in the cluster, or may not be read',
    )
  })

  it('are refused where the Secret may not be sent to a server, which is named', () => {
    const elsewhere = secret.replace('redis.example:6379', 'redis.example')
    const conditions = judge(folderWith(gatehouse + elsewhere + shop)).objects.flatMap((one) => one.conditions)
    expect(conditions).toContainEqual(
      expect.objectContaining({
        reason: 'DestinationNotAllowed',
        message: expect.stringContaining('with its port unless that is 443'),
      }),
    )
    expect(conditions.map(({ message }) => message).join()).toContain('/spec/quotaStore/redis/secretRef (servers/0)')
  })

  it('are refused where the Gatehouse says that it has no store', () => {
    const conditions = judge(folderWith(`${storeless}---\n${shop}`)).objects.flatMap((one) => one.conditions)
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'PartiallyInvalid', reason: 'NoQuotaStore' }))
  })
})
