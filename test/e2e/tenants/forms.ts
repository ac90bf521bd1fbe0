import { malformed, type Attempt } from './attempt.ts'
import { anonymous, everybody, everyoneKnown, jwtProvider, policy, route, service, slice } from './objects.ts'

const fetched = (uri: string): object => ({ authentication: { anyOf: [jwtProvider('login', { jwks: { uri } })] } })
const hosts = (...hostnames: readonly string[]): object => route('planted', { hostnames })
const rules = (...list: readonly object[]): object => policy('planted', { authorization: { rules: list } })
const at = (address: string, addressType = 'IPv4'): object => slice('planted', address, { addressType })

const keysOf = (namespace: string): object => ({
  anyOf: [
    {
      name: 'keys',
      apiKey: { from: [{ header: 'x-api-key' }], secretSelector: { namespace, matchLabels: { keys: 'orders' } } },
    },
  ],
})

const header = (name: string): object => ({
  ...everyoneKnown,
  forward: { identityHeaders: [{ name, from: 'Subject' }] },
})
const canonical = 'not in canonical form'

/** What the API server refuses for its form. */
export const malformedObjects: readonly Attempt[] = [
  malformed('the host of shop in upper case', hosts('ORDERS.shop.example'), 'spec.hostnames'),
  malformed('the host of shop with a dot at its end', hosts('orders.shop.example.'), 'spec.hostnames'),
  malformed('the host of shop with a port', hosts('orders.shop.example:8443'), 'spec.hostnames'),
  malformed('every host', hosts('*'), 'spec.hostnames'),
  malformed('a host with a NUL', hosts('orders.shop.example\0.other.example'), 'spec.hostnames'),
  malformed('no host at all', hosts(), 'spec.hostnames'),
  malformed(
    'a path with an escaped slash',
    route('planted', { matches: [{ path: { type: 'PathPrefix', value: '/a%2f..%2fadmin' } }] }),
    canonical,
  ),
  malformed(
    'a path that climbs',
    route('planted', { matches: [{ path: { type: 'PathPrefix', value: '/open/../admin' } }] }),
    canonical,
  ),
  malformed(
    'an Allow that forgets its methods',
    rules({ name: 'all', action: 'Allow', principal: [{ attribute: 'Anyone' }] }),
    'Allow needs methods',
  ),
  malformed(
    'an Allow that forgets whom',
    rules({ name: 'all', action: 'Allow', methods: ['*'] }),
    'Allow and Require need principal',
  ),
  malformed(
    'an Allow in Shadow',
    rules({ name: 'all', action: 'Allow', mode: 'Shadow', methods: ['*'], principal: [{ attribute: 'Anyone' }] }),
    'Allow has no mode',
  ),
  malformed(
    'API keys of another namespace',
    policy('planted', { authentication: keysOf('shop') }),
    'unknown field "spec.authentication.anyOf[0].apiKey.secretSelector.namespace"',
  ),
  malformed(
    'a policy with a misspelt key',
    policy('planted', { ...everybody, authentification: { anyOf: [anonymous] } }),
    'unknown field "spec.authentification"',
  ),
  malformed('a key set at a URL with a name in it', policy('planted', fetched('https://idp@10.97.0.1/')), 'jwks.uri'),
  malformed('a key set in a file', policy('planted', fetched('file:///etc/gatehouse/push/tls.key')), 'jwks.uri'),
  malformed(
    'no signature at all',
    policy('planted', { authentication: { anyOf: [jwtProvider('login', { algorithms: ['none'] })] } }),
    'jwt.algorithms',
  ),
  malformed('Host as identity header', policy('planted', header('host')), 'cannot carry an identity'),
  malformed(
    'the address of the client as identity header',
    policy('planted', header('x-forwarded-for')),
    'cannot carry an identity',
  ),
  malformed(
    'the whole Cookie as credential',
    policy('planted', { authentication: { anyOf: [jwtProvider('login', { from: [{ header: 'Cookie' }] })] } }),
    'a cookie is written as cookie',
  ),
  malformed(
    'a signed token for the backend of shop',
    route('planted', {
      backendRefs: [{ name: 'mine', port: 80, auth: { type: 'SignedToken', audience: 'shop/api' } }],
    }),
    'auth.audience',
  ),
  malformed(
    'a thousand rules',
    rules(...Array.from({ length: 1000 }, (_, number) => ({ name: `rule-${number}`, action: 'Deny' }))),
    'must have at most 64 items',
  ),
  malformed('a Service at loopback', at('127.0.0.1'), 'loopback range', 'operator'),
  malformed('a Service at the metadata address', at('169.254.169.254'), 'link-local range', 'operator'),
  malformed('a Service at IPv6 loopback', at('::1', 'IPv6'), 'loopback', 'operator'),
  malformed(
    'a Service with an address of its own choice',
    service('planted', undefined, { clusterIP: '10.246.0.2' }),
    'spec.clusterIPs',
  ),
]
