import { ruleCases, structureCases, type Case } from './case.ts'

const balanced = (loadBalancing: object) => ({
  hostnames: ['api.shop.example'],
  rules: [{ name: 'orders', backendRefs: [{ name: 'orders', port: 8080 }], loadBalancing }],
})
const hashed = (hashOn: object) => balanced({ type: 'ConsistentHash', hashOn })

const rules: readonly Case[] = [
  ...ruleCases(
    'GatewayRoute',
    {
      at: 'spec.rules[].loadBalancing',
      message: 'hashOn is required with type ConsistentHash, and only then',
    },
    {
      accepted: {
        'a balancing by nothing but slow starts': balanced({ slowStart: '30s' }),
        'the same backend for a caller': hashed({ type: 'Principal' }),
      },
      refused: {
        'a hash of nothing': balanced({ type: 'ConsistentHash' }),
        'a key that nothing hashes': balanced({ type: 'LeastRequest', hashOn: { type: 'SourceIP' } }),
        'a key that the default does not hash': balanced({ hashOn: { type: 'SourceIP' } }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    {
      at: 'spec.rules[].loadBalancing.hashOn',
      message: 'name is required with type Header or Cookie, and only then',
    },
    {
      accepted: {
        'the same backend for a header': hashed({ type: 'Header', name: 'X-User' }),
        'the same backend for a cookie': hashed({ type: 'Cookie', name: 'session' }),
        'the same backend for an address': hashed({ type: 'SourceIP' }),
      },
      refused: {
        'a header without name': hashed({ type: 'Header' }),
        'a cookie without name': hashed({ type: 'Cookie' }),
        'an address with a name': hashed({ type: 'SourceIP', name: 'x' }),
        'a caller with a name': hashed({ type: 'Principal', name: 'x' }),
      },
    },
  ),
]

const structure = structureCases('GatewayRoute', {
  accepted: {
    'a balancing with defaults': balanced({}),
    'a balancing without panic': balanced({ panicThresholdPercent: 0 }),
    'a balancing by what is quickest': balanced({ type: 'PeakEwma' }),
  },
  refused: {
    'a balancing of another type': balanced({ type: 'Random' }),
    'a hash of the query': hashed({ type: 'Query', name: 'user' }),
    'a hash of a header that is none': hashed({ type: 'Header', name: 'x:y' }),
    'a slow start that is a number': balanced({ slowStart: 30 }),
    'a panic beyond all': balanced({ panicThresholdPercent: 101 }),
  },
})

export const balancingCases: readonly Case[] = [...rules, ...structure]

/** Every field. */
export const fullLoadBalancing = {
  type: 'ConsistentHash',
  hashOn: { type: 'Header', name: 'x-user' },
  slowStart: '30s',
  panicThresholdPercent: 50,
}
