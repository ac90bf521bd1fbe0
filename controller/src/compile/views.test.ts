import { describe, expect, it } from 'vitest'
import type { World } from '../world.ts'
import { partsOf } from './parts.ts'
import { viewIn, viewsOf, type Views } from './views.ts'
import { worldOf } from './worldOf.ts'

const service = (namespace: string, name = 'orders', labels = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace, labels },
  spec: {},
})
/** A route that goes to a Service of each of these namespaces. */
const route = (namespace: string, ...to: readonly string[]) => ({
  apiVersion: 'gatehouse.dev/v1alpha1',
  kind: 'GatewayRoute',
  metadata: { name: 'orders', namespace },
  spec: { rules: [{ name: 'all', backendRefs: to.map((other) => ({ name: 'orders', namespace: other, port: 80 })) }] },
})
const grant = (inside: string, ...from: readonly string[]) => ({
  apiVersion: 'gateway.networking.k8s.io/v1beta1',
  kind: 'ReferenceGrant',
  metadata: { name: 'grant', namespace: inside },
  spec: {
    from: from.map((namespace) => ({ group: 'gatehouse.dev', kind: 'GatewayRoute', namespace })),
    to: [{ group: '', kind: 'Service' }],
  },
})

const next = (world: World, before: Views | null): Views => viewsOf(partsOf(world, before?.parts ?? null), before)
const seenBy = (views: Views, namespace: string): readonly string[] => [...viewIn(views, namespace).Service.keys()]

describe('viewsOf', () => {
  it('shows a namespace its own and what lies where it was granted something, and nothing else', () => {
    const views = next(
      worldOf([route('a', 'b'), service('a'), service('b'), service('c'), grant('b', 'a')], 'Equal'),
      null,
    )
    expect(['a', 'b', 'c'].map((namespace) => seenBy(views, namespace))).toEqual([
      ['a/orders', 'b/orders'],
      ['b/orders'],
      ['c/orders'],
    ])
  })

  it('shows nothing that nobody asked for: what others grant unasked must cost a namespace nothing', () => {
    const world = worldOf([route('a'), service('a'), service('b'), grant('b', 'a')], 'Equal')
    const before = next(world, null)
    expect(seenBy(before, 'a')).toEqual(['a/orders'])
    const other = worldOf([service('b', 'orders', { team: 'b' })], 'Equal')
    const after = next({ ...world, Service: new Map([...world.Service, ...other.Service]) }, before)
    expect(viewIn(after, 'a')).toBe(viewIn(before, 'a'))
  })

  it('shows it as soon as a route asks', () => {
    const world = worldOf([route('a'), service('a'), service('b'), grant('b', 'a')], 'Equal')
    const asking = worldOf([route('a', 'b')], 'Equal')
    const after = next({ ...world, GatewayRoute: asking.GatewayRoute }, next(world, null))
    expect(seenBy(after, 'a')).toEqual(['a/orders', 'b/orders'])
  })

  it('stays the same as long as nothing in it changes, whatever changes elsewhere', () => {
    const world = worldOf([route('a', 'b'), service('a'), service('b'), service('c'), grant('b', 'a')], 'Equal')
    const before = next(world, null)
    const other = worldOf([service('c', 'orders', { team: 'c' })], 'Equal')
    const after = next({ ...world, Service: new Map([...world.Service, ...other.Service]) }, before)
    expect(viewIn(after, 'a')).toBe(viewIn(before, 'a'))
    expect(viewIn(after, 'c')).not.toBe(viewIn(before, 'c'))
  })

  it('ends with the grant', () => {
    const world = worldOf([route('a', 'b'), service('a'), service('b'), grant('b', 'a')], 'Equal')
    const before = next(world, null)
    const after = next({ ...world, ReferenceGrant: new Map() }, before)
    expect(seenBy(after, 'a')).toEqual(['a/orders'])
  })

  it('says which of the namespaces are watched', () => {
    const documents = [route('a', 'b'), service('a'), service('b'), grant('b', 'a')]
    const views = next(worldOf(documents, 'Equal', new Set(['a'])), null)
    expect(viewIn(views, 'a').watched).toEqual(new Set(['a']))
  })
})
