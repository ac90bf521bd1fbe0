import type { Json } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { worldOf } from './worldOf.ts'
import { holdKey, type Hold } from './holds.ts'
import { policyParents } from './policyVerdicts.ts'
import { note } from './findings.ts'

const apiVersion = 'gatehouse.dev/v1alpha1'

const policy = (index: number): Json => ({
  apiVersion,
  kind: 'AccessPolicy',
  metadata: { name: `policy-${String(index).padStart(4, '0')}`, namespace: 'shop' },
  spec: {
    targetRefs: [{ group: 'gatehouse.dev', kind: 'GatewayRoute', name: 'orders' }],
    authorization: {
      rules: [{ name: 'all', action: 'Allow', methods: ['GET'], principal: [{ attribute: 'Anyone' }] }],
    },
  },
})

describe('policyParents', () => {
  it('looks at what one policy lost without looking at the others on the route', () => {
    const world = worldOf(
      Array.from({ length: 500 }, (_, index) => policy(index)),
      'Equal',
    )
    const policies = [...world.AccessPolicy.values()]
    let looks = 0
    const holds = policies.map((one): Hold => ({
      get policy() {
        looks += 1
        return one
      },
      spec: null,
      level: 3,
      sectionName: null,
    }))
    const lost = [note('Conflicted', 'Conflicted', '/spec/authorization/rules')]
    const object = worldOf(
      [{ apiVersion, kind: 'GatewayRoute', metadata: { name: 'orders', namespace: 'shop' } }],
      'Equal',
    )
    const route = {
      object: object.GatewayRoute.get('shop/orders')!,
      resource: {
        resource: { kind: 'route', name: 'shop/orders', hash: '', spec: {} },
        key: 'route/shop/orders',
        bytes: 1,
      },
      upstreams: [],
      backendResources: [],
      ruleNames: new Set(['all']),
      holds,
      remarks: new Map(policies.slice(1).map((one) => [holdKey({ policy: one, level: 3, sectionName: null }), lost])),
      acceptedOn: new Set<string>(),
      parents: [{ ref: { group: 'gatehouse.dev', kind: 'Gatehouse', name: 'edge' }, findings: [], resources: [] }],
    }
    const sound = { resources: [], notes: [], fits: true, headersAllowed: true, issuers: [], expiries: [], divided: [] }
    const made = new Map(policies.map((one) => [one, sound]))
    const installation = { namespace: 'gatehouse-system', name: 'edge' }
    const routes = new Map([['shop/orders', route]])
    const sources = { world, routes, remarks: new Map(), concerned: true, made, installation, folder: false }
    const conflicted = policies.filter((one) =>
      policyParents(one, sources).some(({ findings }) => findings.some(({ type }) => type === 'Conflicted')),
    )
    expect(conflicted).toHaveLength(499)
    expect(looks).toBe(0)
  })
})
