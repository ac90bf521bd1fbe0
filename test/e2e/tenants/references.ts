import { byOperator, judged, refused, served, type Attempt, type Probe } from './attempt.ts'
import { everyoneKnown, grant, hostOf, jwtProvider, mine, policy, route, secret, service, slice } from './objects.ts'
import { hostile } from './people.ts'
import { apiAddress, loginPort, outsideAddress, trapPort } from './traps.ts'
import { dataplaneAddress, hostAddress } from '../network.ts'

const elsewhere = (name: string, problem: string, namespace: string, [target, port]: readonly [string, number]) =>
  judged(
    problem,
    `gatewayroute/${name} ResolvedRefs=False/RefNotPermitted`,
    [route(name, { backendRefs: [{ name: target, namespace, port }] })],
    refused('own', `${hostOf(name)}/${name}`, '500 config-invalid'),
  )

/** A Service of its own whose endpoint lies where it should not: nothing to find fault with before it is dialled. */
const aimed = (name: string, problem: string, address: string, { port = trapPort, addressType = 'IPv4' } = {}) =>
  byOperator(
    judged(
      problem,
      `gatewayroute/${name} Accepted=True/Accepted`,
      [service(name), slice(name, address, { port, addressType }), route(name, { backendRefs: [{ name, port: 80 }] })],
      refused('own', `${hostOf(name)}/${name}`, '503 no-endpoint'),
    ),
  )

const fromHere = { group: 'gatehouse.dev', kind: 'GatewayRoute', namespace: hostile.home }

const services: readonly Attempt[] = [
  elsewhere('to-shop', 'the Service of shop', 'shop', ['orders', 80]),
  elsewhere('to-ghost', 'whether shop has a Service of some name', 'shop', ['ghost', 80]),
  elsewhere('to-granted', 'a Service that shop grants to others', 'shop', ['public', 80]),
  elsewhere('to-api', 'the Service of the API server', 'default', ['kubernetes', 443]),
  elsewhere('to-edge', 'the Service of the data planes', 'gatehouse-system', ['edge-dataplane', 8443]),
  byOperator(
    judged(
      'the Service of shop, by a grant in its own namespace',
      'gatewayroute/self-granted ResolvedRefs=False/RefNotPermitted',
      [
        grant(hostile.home, fromHere, { group: '', kind: 'Service' }),
        route('self-granted', { backendRefs: [{ name: 'orders', namespace: 'shop', port: 80 }] }),
      ],
      refused('own', `${hostOf('self-granted')}/self-granted`, '500 config-invalid'),
    ),
  ),
  judged(
    'a name in DNS as Service',
    'gatewayroute/external ResolvedRefs=False/UnsupportedBackend',
    [
      service('external', undefined, { type: 'ExternalName', externalName: 'kubernetes.default.svc' }),
      route('external', { backendRefs: [{ name: 'external', port: 80 }] }),
    ],
    refused('own', `${hostOf('external')}/external`, '500 config-invalid'),
  ),
  aimed('at-api', 'endpoints at the API server', apiAddress),
  aimed('at-outside', 'endpoints outside of the ranges of Pods', outsideAddress),
  aimed('at-dataplane', 'endpoints at the admin port of a data plane', dataplaneAddress(0), { port: 9090 }),
  aimed('at-cluster-ip', 'endpoints at the cluster IP of the API server', '10.97.0.1', { port: 443 }),
  aimed('at-nat64', 'endpoints at the metadata address inside IPv6', '64:ff9b::a9fe:a9fe', {
    port: 80,
    addressType: 'IPv6',
  }),
  byOperator(
    judged(
      'endpoints for the Service of shop, in its own namespace',
      'gatewayroute/labels Accepted=True/Accepted',
      [slice('hijack', hostAddress, { of: 'orders', port: trapPort }), route('labels')],
      served('client', 'orders.shop.example/labels', 'shop'),
      served('own', `${hostOf('labels')}/labels/here`, 'other'),
    ),
  ),
]

const login = (name: string, jwks: object, reason: string, problem: string): Attempt =>
  judged(
    problem,
    `accesspolicy/${name} ResolvedRefs=False/${reason}`,
    [route(name), policy(name, { authentication: { anyOf: [jwtProvider('second', { jwks })] }, ...everyoneKnown })],
    refused('own', `${hostOf(name)}/${name}`, '500 config-invalid'),
  )

const keySets: readonly Attempt[] = [
  login('jwks-api', { uri: 'https://10.97.0.1/openid/v1/jwks' }, 'OutboundNotAllowed', 'a key set of the API server'),
  login(
    'jwks-meta',
    { uri: 'https://169.254.169.254/jwks' },
    'OutboundNotAllowed',
    'a key set at the metadata address',
  ),
  login('jwks-loop', { uri: 'http://127.0.0.1:9090/metrics' }, 'OutboundNotAllowed', 'a key set on loopback'),
  login('jwks-plain', { uri: `http://${hostAddress}:${loginPort}/` }, 'OutboundNotAllowed', 'a key set without TLS'),
  login(
    'jwks-shop',
    { uri: `https://${hostAddress}:9444/` },
    'OutboundNotAllowed',
    'a key set where shop alone may ask',
  ),
  login(
    'jwks-config',
    { configMapRef: { name: 'login-keys', namespace: 'shop' } },
    'RefNotPermitted',
    'a key set in a ConfigMap of shop',
  ),
  login(
    'jwks-private',
    { inline: JSON.stringify({ keys: [{ kty: 'oct', k: 'c2VjcmV0', alg: 'HS256', kid: 'key-1' }] }) },
    'InvalidKeySet',
    'a key set with a shared secret',
  ),
  judged(
    'a key set that leads to another place',
    'accesspolicy/jwks-away Accepted=True/Accepted',
    [
      route('jwks-away'),
      policy('jwks-away', {
        authentication: {
          anyOf: [jwtProvider('second', { jwks: { uri: `https://${hostAddress}:${loginPort}/away` } })],
        },
        ...everyoneKnown,
      }),
    ],
    refused('own', `${hostOf('jwks-away')}/jwks-away`, '503 key-set-unavailable'),
  ),
]

const keys = (matchLabels: object): object => ({
  authentication: {
    anyOf: [{ name: 'keys', apiKey: { from: [{ header: 'x-api-key' }], secretSelector: { matchLabels } } }],
  },
  ...everyoneKnown,
})

const asks = (url: string, name: string): object => ({
  authentication: {
    anyOf: [
      {
        name: 'opaque',
        introspection: { url, clientSecretRef: { name }, issuer: 'https://x.example', audiences: ['gateway'] },
      },
    ],
  },
  ...everyoneKnown,
})
const client = { clientId: 'me', clientSecret: 'secret' }
const loginUrl = `https://${hostAddress}:${loginPort}/introspect`
const answered = (name: string, answer: string, caller: 'own' | 'client' = 'own'): Probe =>
  refused(caller, `${hostOf(name)}/${name}`, answer)

const secrets: readonly Attempt[] = [
  judged(
    'the API keys of shop by their labels',
    'accesspolicy/selected ResolvedRefs=False/NoKeysSelected',
    [route('selected'), policy('selected', keys({ keys: 'orders' }))],
    answered('selected', '401 unauthenticated', 'client'),
  ),
  judged('API keys in a Secret of another type', 'accesspolicy/opaque-keys ResolvedRefs=False/NoKeysSelected', [
    secret('opaque-keys', 'Opaque', { me: '{}' }, { labels: { keys: 'opaque' } }),
    route('opaque-keys'),
    policy('opaque-keys', keys({ keys: 'opaque' })),
  ]),
  judged(
    'a question to where shop alone may ask',
    'accesspolicy/asks-shop ResolvedRefs=False/OutboundNotAllowed',
    [
      secret('client', 'gatehouse.dev/introspection-client', client, {
        annotations: { 'gatehouse.dev/destination-hosts': `${hostAddress}:9444` },
      }),
      route('asks-shop'),
      policy('asks-shop', asks(`https://${hostAddress}:9444/`, 'client')),
    ],
    answered('asks-shop', '500 config-invalid'),
  ),
  judged(
    'a Secret of another type as client of its login',
    'accesspolicy/asks-typed ResolvedRefs=False/RefNotFound',
    [secret('typed', 'Opaque', client), route('asks-typed'), policy('asks-typed', asks(loginUrl, 'typed'))],
    answered('asks-typed', '500 config-invalid'),
  ),
  judged(
    'a Secret sent where it does not say',
    'accesspolicy/asks-away ResolvedRefs=False/DestinationNotAllowed',
    [
      secret('away', 'gatehouse.dev/introspection-client', client, {
        annotations: { 'gatehouse.dev/destination-hosts': 'login.other.example' },
      }),
      route('asks-away'),
      policy('asks-away', asks(loginUrl, 'away')),
    ],
    answered('asks-away', '500 config-invalid'),
  ),
  judged(
    'a Secret of another type as header for its backend',
    'gatewayroute/typed-header ResolvedRefs=False/RefNotFound',
    [
      secret('any', 'Opaque', { name: 'x-any', value: 'secret' }),
      route('typed-header', { backendRefs: [{ ...mine, auth: { type: 'Header', secretRef: { name: 'any' } } }] }),
    ],
    answered('typed-header', '500 config-invalid'),
  ),
  judged('a ConfigMap of shop as authority', 'accesspolicy/authority-shop ResolvedRefs=False/RefNotPermitted', [
    route('authority-shop'),
    policy('authority-shop', {
      authentication: {
        anyOf: [
          {
            name: 'workloads',
            mtls: {
              subjectAltNames: [{ type: 'URI', pattern: 'spiffe://cluster.local/ns/*/sa/*' }],
              caCertificateRefs: [{ name: 'authority', namespace: 'shop' }],
            },
          },
        ],
      },
      ...everyoneKnown,
    }),
  ]),
]

/** What a tenant tries with references, endpoints and fetches. */
export const onReferences: readonly Attempt[] = [...services, ...keySets, ...secrets]
