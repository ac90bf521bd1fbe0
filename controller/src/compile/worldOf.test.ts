import { describe, expect, it } from 'vitest'
import { worldOf } from './worldOf.ts'

const route = (metadata: { readonly [key: string]: string }) => ({
  apiVersion: 'gatehouse.dev/v1alpha1',
  kind: 'GatewayRoute',
  metadata,
})

describe('worldOf', () => {
  it('sorts documents by kind and name, and passes over what it does not know', () => {
    const world = worldOf(
      [
        route({ name: 'a', namespace: 'shop' }),
        route({ name: 'b' }),
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'a', bad: 1 } } },
        { apiVersion: 'v2', kind: 'Secret', metadata: { name: 'other-version' } },
        { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' } },
        { apiVersion: 'v1', kind: 'constructor', metadata: { name: 'a' } },
        { apiVersion: 'v1', kind: 'Secret', metadata: {} },
        null,
        'text',
      ],
      'Equal',
    )
    expect([...world.GatewayRoute.keys()]).toEqual(['shop/a', 'default/b'])
    expect(world.Namespace.get('shop')?.meta).toMatchObject({ namespace: '', labels: { team: 'a' } })
    expect(world.Secret.size).toBe(0)
  })

  it('lets a later document replace an earlier one', () => {
    const world = worldOf([route({ name: 'a', uid: '1' }), route({ name: 'a', uid: '2' })], 'Equal')
    expect(world.GatewayRoute.get('default/a')?.meta.uid).toBe('2')
  })

  it('reads ages from metadata only when asked', () => {
    const document = route({ name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' })
    const createdOf = (ages: 'Equal' | 'FromMetadata') =>
      worldOf([document], ages).GatewayRoute.get('default/a')?.meta.created
    expect(createdOf('Equal')).toBe(0)
    expect(createdOf('FromMetadata')).toBe(Date.UTC(2026, 0, 1))
  })
})
