import { ruleCases, structureCases, type Case } from './case.ts'

const checked = (healthCheck: object) => ({
  hostnames: ['api.shop.example'],
  rules: [{ name: 'orders', backendRefs: [{ name: 'orders', port: 8080 }], healthCheck }],
})
const active = (over: object) => checked({ active: { path: '/healthz', ...over } })
const passive = (over: object) => checked({ passive: over })

const at = 'spec.rules[].healthCheck'

const rules: readonly Case[] = [
  ...ruleCases(
    'GatewayRoute',
    { at, message: 'a health check needs active, passive or both' },
    {
      accepted: {
        'active checks': active({}),
        'passive checks': passive({}),
        'active and passive checks': checked({ active: { path: '/' }, passive: {} }),
      },
      refused: { 'a health check of nothing': checked({}) },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at: `${at}.active`, message: 'interval must be at least 1s' },
    {
      accepted: { 'a probe a second': active({ interval: '1s' }), 'a probe an hour': active({ interval: '1h' }) },
      refused: { 'more than a probe a second': active({ interval: '999ms', timeout: '500ms' }) },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at: `${at}.active`, message: 'timeout must not be longer than interval, nor than 10s' },
    {
      accepted: { 'a probe that takes its whole interval': active({ interval: '10s', timeout: '10000ms' }) },
      refused: {
        'a probe that takes longer than its interval': active({ interval: '2s', timeout: '3s' }),
        'a probe that takes very long': active({ interval: '1m', timeout: '11s' }),
        'a probe that takes longer than the default': active({ timeout: '6s' }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at: `${at}.passive`, message: 'ejectFor must be at least 1s' },
    {
      accepted: { 'an ejection for a second': passive({ ejectFor: '1s' }) },
      refused: { 'an ejection for no time': passive({ ejectFor: '999ms' }) },
    },
  ),
]

const structure = structureCases('GatewayRoute', {
  accepted: {
    'a probe with a query': active({ path: '/healthz?deep=1' }),
    'a probe that expects a redirect': active({ expectedStatuses: [200, 302] }),
  },
  refused: {
    'a probe without a path': checked({ active: {} }),
    'a probe of another host': active({ path: 'http://169.254.169.254/' }),
    'a probe with a fragment': active({ path: '/#a' }),
    'a probe with a line end': active({ path: '/a\r\nx: y' }),
    'a probe with a space': active({ path: '/a b' }),
    'a probe that expects nothing': active({ expectedStatuses: [] }),
    'a probe that expects an interim answer': active({ expectedStatuses: [100] }),
    'a probe with another method': active({ method: 'POST' }),
    'a probe with headers': active({ headers: [{ name: 'x', value: 'y' }] }),
    'an ejection of nobody': passive({ maxEjectionPercent: 0 }),
    'an ejection after nothing': passive({ consecutiveErrors: 0 }),
  },
})

export const healthCheckCases: readonly Case[] = [...rules, ...structure]

/** Every field. */
export const fullHealthCheck = {
  active: {
    path: '/healthz',
    interval: '5s',
    timeout: '1s',
    healthyThreshold: 1,
    unhealthyThreshold: 3,
    expectedStatuses: [200],
  },
  passive: { consecutiveErrors: 5, ejectFor: '30s', maxEjectionPercent: 50 },
}
