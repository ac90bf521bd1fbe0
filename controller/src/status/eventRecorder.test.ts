import type { Json } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { worldObjectOf } from '../compile/worldOf.ts'
import type { Written } from '../kube/client.ts'
import type { WorldObject } from '../world.ts'
import { createEventRecorder } from './eventRecorder.ts'

function objectOf(name: string, uid = `uid-${name}`): WorldObject {
  const metadata = { namespace: 'shop', name, uid, resourceVersion: '1' }
  return worldObjectOf({ apiVersion: 'gatehouse.dev/v1alpha1', kind: 'GatewayRoute', metadata }, 'FromMetadata')!
}

function setUp(create?: () => Promise<Written>) {
  const written: { readonly path: string; readonly event: { readonly [key: string]: Json } }[] = []
  const failures: unknown[] = []
  const time = { now: 0 }
  const recorder = createEventRecorder({
    client: {
      create: async (path, event) => {
        written.push({ path, event: event as { readonly [key: string]: Json } })
        return create ? await create() : await Promise.resolve({ object: {} })
      },
    },
    instance: 'x'.repeat(200),
    clock: { now: () => Date.UTC(2026, 0, 1) + 5, monotonic: () => time.now },
    failed: (error) => failures.push(error),
  })
  return { recorder, written, failures, time }
}

const noPolicy = { reason: 'NoPolicy', message: 'm'.repeat(2000) } as const
const invalid = { reason: 'Invalid', message: 'no' } as const

describe('an event recorder', () => {
  it('writes a Warning about the object, within the bounds of the API', async () => {
    const { recorder, written } = setUp()
    await recorder.record(objectOf('orders'), [noPolicy])
    expect(written).toEqual([
      {
        path: '/apis/events.k8s.io/v1/namespaces/shop/events',
        event: {
          apiVersion: 'events.k8s.io/v1',
          kind: 'Event',
          metadata: { namespace: 'shop', generateName: 'orders-' },
          eventTime: '2026-01-01T00:00:00.005000Z',
          reportingController: 'gatehouse.dev/controller',
          reportingInstance: 'x'.repeat(128),
          action: 'Compile',
          type: 'Warning',
          reason: 'NoPolicy',
          note: 'm'.repeat(1024),
          regarding: {
            apiVersion: 'gatehouse.dev/v1alpha1',
            kind: 'GatewayRoute',
            namespace: 'shop',
            name: 'orders',
            uid: 'uid-orders',
          },
        },
      },
    ])
  })

  it('does not repeat a reason of an object for ten minutes', async () => {
    const { recorder, written, time } = setUp()
    await recorder.record(objectOf('orders'), [noPolicy, noPolicy, invalid])
    time.now = 599_999
    await recorder.record(objectOf('orders'), [noPolicy])
    expect(written).toHaveLength(2)
    await recorder.record(objectOf('orders', 'made-anew'), [noPolicy])
    await recorder.record(objectOf('users'), [noPolicy])
    expect(written).toHaveLength(4)
    time.now = 600_000
    await recorder.record(objectOf('orders'), [noPolicy])
    expect(written).toHaveLength(5)
  })

  it('writes fifty at once and then one a second', async () => {
    const { recorder, written, time } = setUp()
    const tell = async (from: number): Promise<void> => {
      for (let index = from; index < from + 100; index += 1)
        await recorder.record(objectOf(`route-${index}`), [invalid])
    }
    await tell(0)
    expect(written).toHaveLength(50)
    time.now = 2_999
    await tell(100)
    expect(written).toHaveLength(52)
    time.now = 3_000
    await tell(200)
    expect(written).toHaveLength(53)
  })

  it('goes on when one cannot be written', async () => {
    const { recorder, written, failures } = setUp(() => Promise.reject(new Error('down')))
    await recorder.record(objectOf('orders'), [noPolicy, invalid])
    expect([written.length, failures.length]).toEqual([2, 2])
  })
})
