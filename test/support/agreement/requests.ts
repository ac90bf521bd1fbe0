import fc from 'fast-check'
import { roles, teams, tenants, type Facts, type RequestShape, type Shown } from './shapes.ts'

/** Random requests to the route. */

const facts: fc.Arbitrary<Facts> = fc.record({
  roles: fc.subarray([...roles]),
  tenant: fc.constantFrom(...tenants, null),
  scopes: fc.subarray(['read', 'write']),
  team: fc.constantFrom(...teams, null),
})

const mostly = fc.boolean().chain((sound) => (sound ? fc.constant(true) : fc.boolean()))

const shown: fc.Arbitrary<Shown> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Shown>({ type: 'nothing' }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('token' as const), facts, sound: mostly }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('opaque' as const), facts, sound: mostly }) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('acme-client' as const, 'globex-client' as const, 'unknown' as const)
      .map((client) => ({ type: 'key' as const, client })),
  },
  { weight: 1, arbitrary: fc.constant<Shown>({ type: 'both' }) },
)

export const requests: fc.Arbitrary<RequestShape> = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE'),
  path: fc.constantFrom('/a', '/a/b', '/ab', '/c', '/c/d', '/', '/t', '/t/acme/1', '/t/globex/acme', '/t/acme/1/2'),
  shown,
  certificate: fc.constantFrom(null, null, null, 'web' as const, 'stranger' as const),
  source: fc.constantFrom('127.0.0.1', '127.0.0.1', '10.1.2.3', '203.0.113.9'),
  header: fc.constantFrom(null, ...teams),
})
