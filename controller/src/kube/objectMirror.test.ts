import { describe, expect, it, vi } from 'vitest'
import type { KubeObject } from './client.ts'
import { createObjectMirror } from './objectMirror.ts'

const object = (name: string, resourceVersion: string, uid = name): KubeObject => ({
  metadata: { namespace: 'shop', name, uid, resourceVersion, managedFields: [{ manager: 'kubectl' }] },
  spec: { type: 'ClusterIP' },
})

function mirrorOf() {
  const [changed, restated] = [vi.fn(), vi.fn()]
  return { changed, restated, mirror: createObjectMirror('Service', 'v1', { changed, restated }) }
}

describe('an object mirror', () => {
  it('knows nothing before the first list, and is complete after it, also when that was empty', () => {
    const { mirror, changed } = mirrorOf()
    expect([mirror.isKnown(), mirror.objects()]).toEqual([false, null])
    mirror.replace([])
    expect(mirror.isKnown()).toBe(true)
    expect(mirror.objects()?.size).toBe(0)
    expect(changed).toHaveBeenCalledTimes(1)
  })

  it('adds the kind, which lists leave out, and drops managedFields', () => {
    const { mirror } = mirrorOf()
    mirror.replace([object('orders', '5')])
    expect(mirror.objects()?.get('shop/orders')?.raw).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'shop', name: 'orders', uid: 'orders', resourceVersion: '5' },
      spec: { type: 'ClusterIP' },
    })
  })

  it('never changes a map that it has given out', () => {
    const { mirror } = mirrorOf()
    mirror.replace([object('a', '1')])
    const before = mirror.objects()
    mirror.put(object('b', '2'))
    mirror.remove(object('a', '3'))
    expect([...(before?.keys() ?? [])]).toEqual(['shop/a'])
    expect([...(mirror.objects()?.keys() ?? [])]).toEqual(['shop/b'])
  })

  it('keeps what has not changed as it is, and tells only of changes', () => {
    const { mirror, changed } = mirrorOf()
    mirror.replace([object('a', '1'), object('b', '1')])
    const before = mirror.objects()
    changed.mockClear()
    mirror.replace([object('b', '1'), object('a', '1')])
    mirror.put(object('a', '1'))
    mirror.remove(object('unknown', '1'))
    expect(changed).not.toHaveBeenCalled()
    mirror.replace([object('a', '1'), { ...object('b', '2'), spec: { type: 'NodePort' } }])
    expect(changed).toHaveBeenCalledTimes(1)
    expect(mirror.objects()?.get('shop/a')).toBe(before?.get('shop/a'))
    expect(mirror.objects()?.get('shop/b')).not.toBe(before?.get('shop/b'))
  })

  it('keeps an object of which only the status changed, and takes the status over', () => {
    const { mirror, changed, restated } = mirrorOf()
    mirror.replace([object('a', '1')])
    const [before, map] = [mirror.objects()?.get('shop/a'), mirror.objects()]
    changed.mockClear()
    mirror.put({ ...object('a', '2'), status: { loadBalancer: {} } })
    mirror.put({ ...object('a', '2'), status: { loadBalancer: {} } })
    mirror.replace([{ ...object('a', '3'), status: { loadBalancer: { ingress: [] } } }])
    expect(changed).not.toHaveBeenCalled()
    expect(restated).toHaveBeenCalledTimes(2)
    expect(mirror.objects()).toBe(map)
    expect(mirror.objects()?.get('shop/a')).toBe(before)
    expect(before?.raw).not.toHaveProperty('status')
    expect(before?.seen.raw).toMatchObject({
      metadata: { resourceVersion: '3' },
      spec: { type: 'ClusterIP' },
      status: { loadBalancer: { ingress: [] } },
    })
    mirror.put(object('a', '4'))
    expect(before?.seen.raw).not.toHaveProperty('status')
  })

  it('believes content more than a version, which a restored backup of etcd gives out again', () => {
    const { mirror, changed } = mirrorOf()
    mirror.replace([object('a', '1')])
    changed.mockClear()
    mirror.replace([{ ...object('a', '1'), spec: { type: 'NodePort' } }])
    expect(changed).toHaveBeenCalledTimes(1)
    expect(mirror.objects()?.get('shop/a')?.raw['spec']).toEqual({ type: 'NodePort' })
    mirror.put({ ...object('a', '1'), spec: { type: 'LoadBalancer' } })
    expect(mirror.objects()?.get('shop/a')?.raw['spec']).toEqual({ type: 'LoadBalancer' })
  })

  it('takes a change of labels for one of content', () => {
    const { mirror, changed } = mirrorOf()
    mirror.replace([object('a', '1')])
    changed.mockClear()
    const labelled = object('a', '2')
    mirror.put({ ...labelled, metadata: { ...(labelled['metadata'] as object), labels: { team: 'shop' } } })
    expect(changed).toHaveBeenCalledTimes(1)
    expect(mirror.objects()?.get('shop/a')?.meta.labels).toEqual({ team: 'shop' })
  })

  it('drops what a new list lacks', () => {
    const { mirror } = mirrorOf()
    mirror.replace([object('a', '1'), object('b', '1')])
    mirror.replace([object('b', '1')])
    expect([...(mirror.objects()?.keys() ?? [])]).toEqual(['shop/b'])
  })

  it('tells objects of one name apart by uid', () => {
    const { mirror } = mirrorOf()
    mirror.replace([object('a', '1', 'first')])
    const before = mirror.objects()?.get('shop/a')
    mirror.put(object('a', '1', 'second'))
    mirror.remove(object('a', '2', 'first'))
    expect(mirror.objects()?.get('shop/a')?.meta.uid).toBe('second')
    expect(mirror.objects()?.get('shop/a')).not.toBe(before)
  })

  it('knows nothing of a collection that is refused, until it is listed again, also when that is empty', () => {
    const { mirror, changed } = mirrorOf()
    mirror.replace([object('a', '1')])
    changed.mockClear()
    mirror.refuse()
    mirror.refuse()
    expect([mirror.isKnown(), mirror.isRefused(), mirror.objects()?.size]).toEqual([true, true, 0])
    expect(changed).toHaveBeenCalledTimes(1)
    mirror.replace([])
    expect([mirror.isRefused(), mirror.objects()?.size]).toEqual([false, 0])
    expect(changed).toHaveBeenCalledTimes(2)
  })

  it('passes over what is no object', () => {
    const { mirror } = mirrorOf()
    mirror.replace([{}, { metadata: null }, { metadata: [] }, object('a', '1')])
    mirror.put({ metadata: {} })
    expect(mirror.objects()?.size).toBe(1)
  })
})
