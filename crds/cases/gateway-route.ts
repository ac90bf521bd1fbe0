import { ruleCases, structureCases, type Case } from './case.ts'
import { fullHealthCheck, healthCheckCases } from './health-check.ts'
import { balancingCases, fullLoadBalancing } from './load-balancing.ts'
import { fullAnswers, fullBackendChanges, fullForward, routeActionCases } from './route-actions.ts'

const backendRefs = [{ name: 'orders', port: 8080 }]
const elsewhere = { ...backendRefs[0], namespace: 'other' }
const plain = { name: 'orders', backendRefs }
const hostnames = ['api.shop.example']

const route = (rule: object, more: object = {}) => ({ hostnames, rules: [{ ...plain, ...rule }], ...more })
const matching = (...matches: readonly object[]) => route({ matches })
const onPath = (value: unknown, type: unknown = 'PathPrefix') => matching({ path: { type, value } })
const under = (...parentRefs: readonly object[]) => route({}, { parentRefs })

const edge = { name: 'edge', namespace: 'gatehouse-system', sectionName: 'https' }

const signed = { type: 'SignedToken', audience: 'orders' }
const keyed = { type: 'Header', secretRef: { name: 'legacy' } }
const proven = (auth: object) => route({ backendRefs: [{ ...backendRefs[0], auth }] })

const rules: readonly Case[] = [
  ...ruleCases(
    'GatewayRoute',
    {
      at: 'spec.rules[].backendRefs[].auth',
      message: 'audience is required with type SignedToken, and only then',
    },
    {
      accepted: { 'a signed token': proven(signed) },
      refused: {
        'a token for nobody': proven({ type: 'SignedToken' }),
        'a header for an audience': proven({ ...keyed, audience: 'orders' }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.rules[].backendRefs[].auth', message: 'secretRef is required with type Header, and only then' },
    {
      accepted: { 'a header from a Secret': proven(keyed) },
      refused: {
        'a header from nowhere': proven({ type: 'Header' }),
        'a token from a Secret': proven({ ...signed, secretRef: keyed.secretRef }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.parentRefs', message: 'parentRefs must differ in namespace, name or sectionName' },
    {
      accepted: {
        'two listeners': under(edge, { ...edge, sectionName: 'http' }),
        'two namespaces': under(edge, { ...edge, namespace: 'other' }),
        'this and another namespace': under({ name: 'edge' }, { name: 'edge', namespace: 'other' }),
      },
      refused: {
        'one listener twice': under(edge, { ...edge }),
        'one installation twice': under({ name: 'edge' }, { name: 'edge', kind: 'Gatehouse' }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.rules[].matches[]', message: 'a match needs at least one of path, methods, headers and queryParams' },
    {
      accepted: {
        'a match by path': onPath('/orders'),
        'a match by method': matching({ methods: ['GET'] }),
        'a match by header': matching({ headers: [{ name: 'X-Version', value: '2' }] }),
        'a match by query': matching({ queryParams: [{ name: 'beta', value: '1' }] }),
      },
      refused: { 'a match of everything': matching({}) },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.rules[].timeouts', message: 'backendRequest must not be longer than request' },
    {
      accepted: {
        'a shorter backend timeout': route({ timeouts: { request: '1m30s', backendRequest: '90s' } }),
        'no request timeout of its own': route({ timeouts: { request: '0ms', backendRequest: '5s' } }),
        'a backend timeout below the default': route({ timeouts: { backendRequest: '14999ms' } }),
      },
      refused: {
        'a longer backend timeout': route({ timeouts: { request: '1s', backendRequest: '1001ms' } }),
        'a backend timeout above the default': route({ timeouts: { backendRequest: '1h' } }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.rules[].circuitBreaker', message: 'maxPending needs maxParallel' },
    {
      accepted: {
        'a bound alone': route({ circuitBreaker: { maxParallel: 1 } }),
        'a bound and a line': route({ circuitBreaker: { maxParallel: 100, maxPending: 0 } }),
      },
      refused: { 'a line for nothing': route({ circuitBreaker: { maxPending: 1 } }) },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.rules[].retry', message: 'backoff must not be longer than 1m' },
    {
      accepted: { 'a minute of pause': route({ retry: { backoff: '60s' } }) },
      refused: { 'a longer pause': route({ retry: { backoff: '61s' } }) },
    },
  ),
]

const path = 'spec.rules[].matches[].path'
const paths: readonly Case[] = [
  ...ruleCases(
    'GatewayRoute',
    { at: path, message: '{name} is for type Template only' },
    {
      accepted: { 'a parameter in a template': onPath('/orders/{id}', 'Template') },
      refused: { 'a parameter in a prefix': onPath('/orders/{id}'), 'a parameter in a path': onPath('/{id}', 'Exact') },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at: path, message: 'the path is not in canonical form' },
    {
      accepted: { 'a path in canonical form': onPath('/a%20b') },
      refused: {
        'a path that is a regular expression': onPath('/orders/[0-9]+'),
        'a template with an empty element': onPath('/orders//{id}', 'Template'),
      },
    },
  ),
]

const structure = structureCases('GatewayRoute', {
  accepted: {
    'a route': route({}),
    'the root path': onPath('/', 'Exact'),
    'a trailing slash': onPath('/orders/'),
    'dots in names': onPath('/.well-known/a..b/...'),
    'a needed escape': onPath('/caf%C3%A9/a%20b'),
    'a custom method': matching({ methods: ['PROPFIND', 'M-SEARCH'] }),
    'two backends': route({ backendRefs: [...backendRefs, { name: 'orders-v2', port: 8080, weight: 0 }] }),
    'a backend of another namespace': route({ backendRefs: [elsewhere] }),
    'one name in two namespaces': route({ backendRefs: [...backendRefs, elsewhere] }),
    'two ports of a backend': route({ backendRefs: [...backendRefs, { name: 'orders', port: 8081 }] }),
    'one backend twice': route({ backendRefs: [...backendRefs, ...backendRefs] }),
    'a breaker with defaults': route({ circuitBreaker: {} }),
    'retries with defaults': route({ retry: {} }),
    'retries after no status': route({ retry: { codes: [] } }),
    'a path by regular expression': onPath('/orders/[0-9]{1,9}(/items)?', 'RegularExpression'),
    'a path by template': onPath('/orders/{tenant}/{id}', 'Template'),
    'a template without parameter': onPath('/orders', 'Template'),
    'a stream without end': route({ timeouts: { maxStreamAge: '0s' } }),
    'a header by regular expression': matching({ headers: [{ name: 'x', type: 'RegularExpression', value: '.*' }] }),
    'parameters that differ in case': matching({
      queryParams: [
        { name: 'animal', value: 'whale' },
        { name: 'ANIMAL', value: 'Whale' },
      ],
    }),
    'text beyond the basic plane': matching({ headers: [{ name: 'x', value: '\u{1F600}'.repeat(4000) }] }),
  },
  refused: {
    'no hostname': { rules: [plain] },
    'empty hostnames': { hostnames: [], rules: [plain] },
    'a host twice': { hostnames: [...hostnames, ...hostnames], rules: [plain] },
    'a host with a port': { hostnames: ['api.shop.example:80'], rules: [plain] },
    'no rules': { hostnames, rules: [] },
    'two rules of one name': { hostnames, rules: [plain, plain] },
    'a rule without name': { hostnames, rules: [{ backendRefs }] },
    'no backend': { hostnames, rules: [{ name: 'orders' }] },
    'a namespace that is no name': route({ backendRefs: [{ ...backendRefs[0], namespace: 'Other' }] }),
    'a backend of another kind': route({ backendRefs: [{ ...backendRefs[0], kind: 'ConfigMap' }] }),
    'a negative weight': route({ backendRefs: [{ ...backendRefs[0], weight: -1 }] }),
    'an unknown proof': proven({ type: 'Basic' }),
    'an audience with a slash': proven({ ...signed, audience: 'shop/orders' }),
    'a header from another namespace': proven({ ...keyed, secretRef: { name: 'a', namespace: 'b' } }),
    'half a weight': route({ backendRefs: [{ ...backendRefs[0], weight: 0.5 }] }),
    'a path without type': matching({ path: { value: '/orders' } }),
    'a path without value': matching({ path: { type: 'Exact' } }),
    'a regular expression without slash': onPath('.*', 'RegularExpression'),
    'a template with half a parameter': onPath('/orders/{tenant', 'Template'),
    'a template with a parameter in an element': onPath('/orders/a{tenant}', 'Template'),
    'a template with a nameless parameter': onPath('/orders/{}', 'Template'),
    'a path of an unknown type': onPath('/orders', 'Glob'),
    'a path without slash': onPath('orders'),
    'an empty path': onPath(''),
    'an empty element': onPath('/orders//1'),
    'a dot element': onPath('/orders/./1'),
    'a dot-dot element': onPath('/orders/../1'),
    'a dot-dot end': onPath('/orders/..'),
    'an escape in lower case': onPath('/caf%c3%a9'),
    'a needless escape': onPath('/%61dmin'),
    'an escaped dot': onPath('/%2E%2E/admin'),
    'an escaped slash': onPath('/a%2Fb'),
    'an escaped backslash': onPath('/a%5Cb'),
    'an escaped NUL': onPath('/a%00'),
    'half an escape': onPath('/a%2'),
    'a path with a query': onPath('/a?b=c'),
    'a path with a space': onPath('/a b'),
    'a path with a line end': onPath('/a\n'),
    'a method in lower case': matching({ methods: ['get'] }),
    'a method twice': matching({ methods: ['GET', 'GET'] }),
    'no methods': matching({ methods: [] }),
    'any method as a star': matching({ methods: ['*'] }),
    'a header twice': matching({
      headers: [
        { name: 'x', value: '1' },
        { name: 'x', value: '2' },
      ],
    }),
    'a header that is none': matching({ headers: [{ name: 'x:y', value: '1' }] }),
    'a header by prefix': matching({ headers: [{ name: 'x', type: 'Prefix', value: '1' }] }),
    'a parameter twice': matching({
      queryParams: [
        { name: 'x', value: '1' },
        { name: 'x', type: 'RegularExpression', value: '2' },
      ],
    }),
    'a parameter that is none': matching({ queryParams: [{ name: 'a b', value: '1' }] }),
    'a parameter without value': matching({ queryParams: [{ name: 'x' }] }),
    'no parameters': matching({ queryParams: [] }),
    'too many matches': matching(...Array.from({ length: 9 }, (_, index) => ({ methods: [`M${'X'.repeat(index)}`] }))),
    'a timeout that is a number': route({ timeouts: { request: 15 } }),
    'a timeout in days': route({ timeouts: { request: '1d' } }),
    'a stream without end in words': route({ timeouts: { maxStreamAge: 'off' } }),
    'a percentage above 100': route({ circuitBreaker: { errorPercent: 101 } }),
    'no request at all': route({ circuitBreaker: { maxParallel: 0 } }),
    'a slow call of nothing': route({ circuitBreaker: { slowCall: '0s' } }),
    'a window of nothing': route({ circuitBreaker: { window: '0s' } }),
    'a parent of another kind': under({ ...edge, kind: 'Gateway' }),
    'a parent of another group': under({ ...edge, group: 'gateway.networking.k8s.io' }),
    'a parent without name': under({ namespace: 'gatehouse-system' }),
    'a field of a later version': route({ transcoding: {} }),
    'no mirrors': route({ mirrors: [] }),
    'no retry at all': route({ retry: { attempts: 0 } }),
    'a retry after success': route({ retry: { codes: [200] } }),
    'a pause of nothing': route({ retry: { backoff: '0ms' } }),
    'a budget of nothing': route({ retry: { budgetPercent: 0 } }),
  },
})

export const gatewayRouteCases: readonly Case[] = [
  ...rules,
  ...paths,
  ...balancingCases,
  ...healthCheckCases,
  ...structure,
  ...routeActionCases,
]

/** A spec with every field. */
export const fullGatewayRoute = {
  parentRefs: [{ group: 'gatehouse.dev', kind: 'Gatehouse', ...edge }],
  hostnames,
  rules: [
    {
      name: 'orders',
      matches: [
        {
          path: { type: 'PathPrefix', value: '/orders' },
          methods: ['GET'],
          headers: [{ name: 'x-version', type: 'Exact', value: '2' }],
          queryParams: [{ name: 'beta', type: 'Exact', value: '1' }],
        },
      ],
      backendRefs: [
        {
          name: 'orders',
          namespace: 'shop',
          port: 8080,
          weight: 1,
          protocol: 'HTTP1',
          tls: {
            hostname: 'orders.internal',
            caCertificateRefs: [{ group: '', kind: 'ConfigMap', namespace: 'shop', name: 'ca' }],
            subjectAltNames: [
              { type: 'Hostname', hostname: 'orders.shop' },
              { type: 'URI', uri: 'spiffe://shop/orders' },
            ],
            clientCertificateRef: { group: '', kind: 'Secret', namespace: 'shop', name: 'gateway' },
          },
          auth: signed,
          ...fullBackendChanges,
        },
        { name: 'orders', port: 443, tls: { hostname: 'orders.internal', wellKnownCACertificates: 'System' } },
        {
          url: 'https://legacy.example',
          auth: { type: 'Header', secretRef: { group: '', kind: 'Secret', name: 'legacy' } },
        },
      ],
      timeouts: { request: '15s', backendRequest: '5s', connect: '1s', idle: '60s', maxStreamAge: '1h' },
      retry: { attempts: 2, codes: [502, 503, 504], backoff: '50ms', budgetPercent: 20 },
      circuitBreaker: {
        ...{ errorPercent: 50, minRequests: 20, window: '10s', openFor: '15s' },
        ...{ slowCall: '2s', maxParallel: 1024, maxPending: 256 },
      },
      loadBalancing: fullLoadBalancing,
      healthCheck: fullHealthCheck,
      upgrades: ['websocket'],
      ...fullForward,
    },
    ...fullAnswers,
    // Without what a misspelling elsewhere would contradict.
    { name: 'spread', backendRefs, loadBalancing: { type: 'LeastRequest' }, rewrite: { hostname: 'orders.internal' } },
  ],
}
