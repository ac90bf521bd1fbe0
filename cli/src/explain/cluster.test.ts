import { KubeError } from '@gatehouse/controller/kube'
import { describe, expect, it } from 'vitest'
import { objectsIn } from './cluster.ts'

const route = { metadata: { name: 'orders', namespace: 'shop' }, spec: {} }
const { signal } = new AbortController()

/** An API server with one route, and 403 where it is told. */
const clientOf = (forbidden: RegExp) => ({
  list: (path: string) =>
    forbidden.test(path)
      ? Promise.reject(new KubeError(403, 'Forbidden'))
      : Promise.resolve({ items: path.includes('gatewayroutes') ? [route] : [], resourceVersion: '1', next: '' }),
})

describe('objectsIn', () => {
  it('reads the objects that decisions depend on', async () => {
    expect(await objectsIn(clientOf(/$^/), signal)).toEqual({
      documents: [{ ...route, apiVersion: 'gatehouse.dev/v1alpha1', kind: 'GatewayRoute' }],
      notes: [],
    })
  })

  it('says what it could not read, and counts it as missing', async () => {
    const { notes } = await objectsIn(clientOf(/secrets/), signal)
    expect(notes[0]).toContain('cannot list all Secret objects (403); Secrets of type gatehouse.dev/api-keys')
  })

  it('cannot do without the kinds of Gatehouse', async () => {
    const reading = objectsIn(clientOf(/accesspolicies/), signal)
    await expect(reading).rejects.toThrow('cannot list all AccessPolicy objects (403)')
  })
})
