import { ruleCases, structureCases, type Case } from './case.ts'

const backend = { name: 'orders', port: 8080 }
const forwarding = (rule: object) => ({
  hostnames: ['api.shop.example'],
  rules: [{ name: 'all', backendRefs: [backend], ...rule }],
})

const mirroring = (mirror: object) => forwarding({ mirrors: [{ backendRef: backend, ...mirror }] })

export const mirrorCases: readonly Case[] = [
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.rules[].mirrors[]', message: 'percent and fraction exclude each other' },
    {
      accepted: {
        'a mirror of everything': mirroring({}),
        'a mirror of a part': mirroring({ percent: 5, methods: ['GET', 'POST'] }),
        'a mirror of nothing': mirroring({ percent: 0 }),
      },
      refused: { 'a mirror of two parts': mirroring({ percent: 5, fraction: { numerator: 1 } }) },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.rules[].mirrors[].fraction', message: 'numerator must not be greater than denominator' },
    {
      accepted: { 'a mirror of a small part': mirroring({ fraction: { numerator: 1, denominator: 1000 } }) },
      refused: { 'a mirror of more than all': mirroring({ fraction: { numerator: 101 } }) },
    },
  ),
  ...structureCases('GatewayRoute', {
    accepted: {},
    refused: {
      'a mirror with a weight': mirroring({ backendRef: { ...backend, weight: 1 } }),
      'a mirror that is to be believed': mirroring({
        backendRef: { ...backend, auth: { type: 'SignedToken', audience: 'a' } },
      }),
      'a mirror of more than a hundred percent': mirroring({ percent: 101 }),
      'a mirror of no method': mirroring({ methods: [] }),
      'a share of none': mirroring({ fraction: { numerator: 0, denominator: 0 } }),
    },
  }),
]
