import { gatewayRouteSpec, type GatewayRouteSpecInput } from '@gatehouse/crds'
import { expect, it } from 'vitest'
import { purseOf } from './purse.ts'
import { actionOf } from './rules.ts'

type RuleInput = GatewayRouteSpecInput['rules'][number]

const checked: RuleInput = {
  name: 'all',
  backendRefs: [{ name: 'web', port: 80 }],
  healthCheck: { active: { path: '/healthz' } },
}

const spentOn = (input: RuleInput): number => {
  const [rule] = gatewayRouteSpec.parse({ hostnames: ['api.shop.example'], rules: [input] }).rules
  const purse = purseOf(1_000_000, 0)
  actionOf(rule!, '/spec/rules/0', {
    bounds: { maxTimeout: 0, maxRetries: 0 },
    taken: new Set(),
    resolve: ({ name }) => ({ upstream: `shop/${name}:80`, auth: null, resources: [] }),
    purse,
  })
  return purse.spent()
}

it('a mirror, which nobody checks, pays for no check of its rule', () => {
  const alone = spentOn(checked)
  expect(alone).toBeGreaterThan(0)
  expect(spentOn({ ...checked, mirrors: [{ backendRef: { name: 'next', port: 80 } }] })).toBe(alone)
})
