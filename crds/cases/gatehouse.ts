import { ruleCases, structureCases, type Case } from './case.ts'
import { fullQuotaStore, quotaStoreCases } from './quota-store.ts'
import { fullUsage, usageCases } from './usage.ts'

const http = { name: 'http', port: 8080, protocol: 'HTTP' }
const certificateRefs = [{ name: 'tls' }]
const https = { name: 'https', port: 8443, protocol: 'HTTPS', tls: { certificateRefs } }
const clientCAs = [{ name: 'clients' }]

const listening = (...listeners: readonly object[]) => ({ listeners })
const asking = (clientCertificate: object) => listening({ ...https, tls: { certificateRefs, clientCertificate } })
const allowing = (namespaces: object) => listening({ ...http, allowedRoutes: { namespaces } })
const selector = { matchLabels: { team: 'shop' } }
const naming = (...identityHeaders: readonly string[]) => ({ ...listening(http), identityHeaders })

const listenerRules: readonly Case[] = [
  ...ruleCases(
    'Gatehouse',
    { at: 'spec.listeners[]', message: 'tls is required with protocol HTTPS, and only then' },
    {
      accepted: { 'http without tls': listening(http), 'https with tls': listening(https) },
      refused: {
        'https without tls': listening({ ...https, tls: undefined }),
        'http with tls': listening({ ...http, tls: { certificateRefs } }),
      },
    },
  ),
  ...ruleCases(
    'Gatehouse',
    {
      at: 'spec.listeners[].tls.clientCertificate',
      message: 'caCertificateRefs is required with mode Request or Require, and must be empty with mode Off',
    },
    {
      accepted: {
        'no client certificates': asking({ mode: 'Off' }),
        'no client certificates and an empty list': asking({ mode: 'Off', caCertificateRefs: [] }),
        'optional client certificates': asking({ mode: 'Request', caCertificateRefs: clientCAs }),
        'client certificates': asking({ mode: 'Require', caCertificateRefs: clientCAs }),
      },
      refused: {
        'authorities without use': asking({ mode: 'Off', caCertificateRefs: clientCAs }),
        'client certificates without authorities': asking({ mode: 'Require' }),
        'client certificates with no authority': asking({ mode: 'Request', caCertificateRefs: [] }),
      },
    },
  ),
  ...ruleCases(
    'Gatehouse',
    {
      at: 'spec.listeners[].allowedRoutes.namespaces',
      message: 'selector is required with from: Selector, and only then',
    },
    {
      accepted: {
        'namespaces by label': allowing({ from: 'Selector', selector }),
        'all namespaces': allowing({ from: 'All' }),
        'the same namespace by default': allowing({}),
      },
      refused: {
        'Selector without selector': allowing({ from: 'Selector' }),
        'a selector for all namespaces': allowing({ from: 'All', selector }),
        'a selector that nothing asks for': allowing({ selector }),
      },
    },
  ),
]

const proxied = { trustedCIDRs: ['10.0.0.0/8'], proxyProtocol: 'Require' }
const onOnePort = (one: object, other: object) =>
  listening({ ...http, hostname: 'a.example', ...one }, { ...http, name: 'other', hostname: 'b.example', ...other })

const portRules: readonly Case[] = [
  ...ruleCases(
    'Gatehouse',
    { at: 'spec.listeners[].clientAddress', message: 'proxyProtocol: Require needs trustedCIDRs' },
    {
      accepted: { 'PROXY headers of proxies': listening({ ...http, clientAddress: proxied }) },
      refused: {
        'PROXY headers of nobody': listening({ ...http, clientAddress: { proxyProtocol: 'Require' } }),
        'PROXY headers of an empty list': listening({
          ...http,
          clientAddress: { proxyProtocol: 'Require', trustedCIDRs: [] },
        }),
      },
    },
  ),
  ...ruleCases(
    'Gatehouse',
    { at: 'spec.listeners', message: 'listeners of one port must all have the same connections' },
    {
      accepted: { 'one bound for a port': onOnePort({ connections: { max: 5 } }, { connections: { max: 5 } }) },
      refused: { 'two bounds for a port': onOnePort({ connections: { max: 5 } }, {}) },
    },
  ),
  ...ruleCases(
    'Gatehouse',
    { at: 'spec.listeners', message: 'listeners of one port must all require PROXY headers, or none of them' },
    {
      accepted: { 'PROXY headers on a port': onOnePort({ clientAddress: proxied }, { clientAddress: proxied }) },
      refused: {
        'PROXY headers on half a port': onOnePort({ clientAddress: proxied }, {}),
        'PROXY headers on the other half': onOnePort({ clientAddress: {} }, { clientAddress: proxied }),
      },
    },
  ),
  ...ruleCases(
    'Gatehouse',
    { at: 'spec.listeners', message: 'listeners of one port must all have the same protocol' },
    {
      accepted: { 'two ports': listening(http, https) },
      refused: { 'one port for both protocols': listening(http, { ...https, port: 8080, hostname: 'a.example' }) },
    },
  ),
  ...ruleCases(
    'Gatehouse',
    { at: 'spec.listeners', message: 'listeners of one port need different hostnames' },
    {
      accepted: {
        'two http ports': listening(http, { ...http, name: 'other', port: 8081 }),
        'one http port for two hosts': listening(
          { ...http, hostname: 'a.example' },
          { ...http, name: 'other', hostname: '*.example' },
        ),
        'one https port for two hosts': listening(
          { ...https, hostname: 'a.example' },
          { ...https, name: 'other', hostname: '*.example' },
        ),
        'one https port for a host and for the rest': listening(
          { ...https, hostname: 'a.example' },
          { ...https, name: 'rest' },
        ),
        'one host on two ports': listening(https, { ...https, name: 'other', port: 9443 }),
      },
      refused: {
        'one http port twice': listening(http, { ...http, name: 'other' }),
        'one https port twice': listening(https, { ...https, name: 'other' }),
        'one port twice for a host': listening(
          { ...https, hostname: 'a.example' },
          { ...https, name: 'other', hostname: 'a.example' },
        ),
      },
    },
  ),
]

const hosts = [{ pattern: '*.shop.example', namespaces: ['shop'] }]

const installationRules: readonly Case[] = [
  ...ruleCases(
    'Gatehouse',
    { at: 'spec', message: 'hosts has no effect with tenancy: Single; remove it or use tenancy: Shared' },
    {
      accepted: {
        'bound hosts': { ...listening(http), hosts },
        'one trust domain': { ...listening(http), tenancy: 'Single' },
        'one trust domain and no hosts': { ...listening(http), tenancy: 'Single', hosts: [] },
      },
      refused: { 'bound hosts in one trust domain': { ...listening(http), tenancy: 'Single', hosts } },
    },
  ),
  ...ruleCases(
    'Gatehouse',
    {
      at: 'spec.identityHeaders[]',
      message: 'this header has a meaning of its own and cannot carry an identity',
    },
    {
      accepted: { 'headers for identities': naming('x-gatehouse-subject', 'remote-user') },
      refused: {
        'the host header as identity': naming('host'),
        'the credential as identity': naming('x-user', 'authorization'),
        'a forwarding header as identity': naming('x-forwarded-for'),
      },
    },
  ),
]

const keeping = (lastGood: object) => ({ ...listening(http), lastGood })

const lastGoodRules: readonly Case[] = ruleCases(
  'Gatehouse',
  { at: 'spec.lastGood', message: 'maxAge must be 0s or at least 1m' },
  {
    accepted: {
      'a last good snapshot by default': keeping({}),
      'a last good snapshot for ever': keeping({ maxAge: '0s' }),
      'a last good snapshot without secrets for a minute': keeping({ secrets: 'Omit', maxAge: '60s' }),
    },
    refused: { 'a last good snapshot for less than a minute': keeping({ maxAge: '59s999ms' }) },
  },
)

const fetching = (entry: object) => ({ ...listening(http), outbound: { allowedHosts: [entry] } })
const idp = { host: 'idp.example', namespaces: ['shop'] }

const structure = structureCases('Gatehouse', {
  accepted: {
    'a host to fetch from': fetching(idp),
    'two ports of a host': { ...listening(http), outbound: { allowedHosts: [idp, { ...idp, port: 8443 }] } },
    'address ranges': { ...listening(http), outbound: { podCIDRs: ['10.0.0.0/8', 'fd00:1::/64', '2001:db8::/32'] } },
    'no longest timeout': { ...listening(http), bounds: { maxTimeout: '0s' } },
    'no retries': { ...listening(http), bounds: { maxRetries: 0 } },
    'a null where there is a default': { ...listening(http), tenancy: null },
    'a null where there is none': { ...listening(http), hosts: null },
  },
  refused: {
    'no listeners': { listeners: [] },
    'listeners missing': { tenancy: 'Single' },
    'two listeners of one name': listening(http, { ...http, port: 8081 }),
    'a port that is none': listening({ ...http, port: 0 }),
    'a port as text': listening({ ...http, port: '8080' }),
    'an unknown protocol': listening({ ...http, protocol: 'TCP' }),
    'an address': listening({ ...http, address: '127.0.0.1' }),
    'a host in upper case': listening({ ...http, hostname: 'Shop.example' }),
    'a wildcard in the middle': listening({ ...http, hostname: 'a.*.example' }),
    'a selector that selects everything': allowing({ from: 'Selector', selector: { matchLabels: {} } }),
    'a label that is none': allowing({ from: 'Selector', selector: { matchLabels: { team: '-' } } }),
    'a selector without labels': allowing({ from: 'Selector', selector: {} }),
    'a certificate of another kind': listening({
      ...https,
      tls: { certificateRefs: [{ kind: 'ConfigMap', name: 'tls' }] },
    }),
    'no certificate': listening({ ...https, tls: { certificateRefs: [] } }),
    'an old version of TLS': listening({ ...https, tls: { certificateRefs, minVersion: 'TLS1_0' } }),
    'client certificates without mode': asking({ caCertificateRefs: clientCAs }),
    'an address without length': listening({ ...http, clientAddress: { trustedCIDRs: ['10.0.0.1'] } }),
    'an address that is too long': listening({ ...http, clientAddress: { trustedCIDRs: ['10.0.0.0/33'] } }),
    'a number beyond a byte': listening({ ...http, clientAddress: { trustedCIDRs: ['10.0.256.0/24'] } }),
    'a host bound twice': { ...listening(http), hosts: [...hosts, ...hosts] },
    'a host bound to nobody': { ...listening(http), hosts: [{ pattern: 'a.example', namespaces: [] }] },
    'a host to fetch from for nobody': fetching({ host: 'idp.example' }),
    'a host to fetch from twice': { ...listening(http), outbound: { allowedHosts: [idp, { ...idp, port: 443 }] } },
    'an identity header in upper case': naming('X-User'),
    'an identity header with an underscore': naming('x_user'),
    'an identity header twice': naming('x-user', 'x-user'),
    'a last good snapshot with half of its secrets': keeping({ secrets: 'Some' }),
    'a timeout without unit': { ...listening(http), bounds: { maxTimeout: '60' } },
    'more retries than there may be': { ...listening(http), bounds: { maxRetries: 11 } },
    'a size of bodies without unit': { ...listening(http), bounds: { maxBodySize: '1024' } },
    'a budget of nothing': { ...listening(http), bounds: { perNamespace: { routeBytes: '0Mi' } } },
    'a budget without unit': { ...listening(http), bounds: { perNamespace: { policyBytes: '4096' } } },
    'too few keys of quotas': { ...listening(http), bounds: { perNamespace: { quotaKeys: 999 } } },
    'no requests at all': { ...listening(http), bounds: { perNamespace: { parallelRequests: 0 } } },
    'a budget beyond all bounds': { ...listening(http), bounds: { perNamespace: { policyBytes: '1Gi' } } },
  },
})

export const gatehouseCases: readonly Case[] = [
  ...listenerRules,
  ...portRules,
  ...installationRules,
  ...lastGoodRules,
  ...quotaStoreCases,
  ...usageCases,
  ...structure,
]

/** A spec with every field. */
export const fullGatehouse = {
  listeners: [
    {
      ...http,
      default: true,
      plaintextCredentials: 'Allow',
      allowedRoutes: { namespaces: { from: 'All' } },
      clientAddress: {
        trustedCIDRs: ['10.0.0.0/8'],
        proxyProtocol: 'Require',
        header: 'Forwarded',
        clusterCIDRs: ['10.1.0.0/16'],
      },
      connections: { max: 1000, perClient: 10 },
    },
    {
      ...https,
      hostname: '*.shop.example',
      clientAddress: { trustedCIDRs: ['10.0.0.0/8'] },
      tls: {
        certificateRefs: [{ group: '', kind: 'Secret', namespace: 'tls', name: 'tls' }],
        minVersion: 'TLS1_3',
        clientCertificate: {
          mode: 'Require',
          caCertificateRefs: [{ group: '', kind: 'ConfigMap', namespace: 'tls', name: 'clients' }],
        },
      },
      allowedRoutes: { namespaces: { from: 'Selector', selector } },
    },
  ],
  tenancy: 'Shared',
  hosts,
  outbound: {
    allowedHosts: [
      {
        ...idp,
        port: 443,
        addresses: 'Private',
        caCertificateRefs: [{ group: '', kind: 'ConfigMap', namespace: 'tls', name: 'idp-ca' }],
      },
    ],
    podCIDRs: ['10.0.0.0/8'],
    allowLoopback: false,
  },
  identityHeaders: ['x-gatehouse-subject'],
  bounds: {
    maxTimeout: '30s',
    maxRetries: 3,
    maxBodySize: '2Mi',
    perNamespace: { routeBytes: '8Mi', policyBytes: '512Ki', parallelRequests: 5000, quotaKeys: 200_000 },
  },
  quotaStore: fullQuotaStore,
  lastGood: { secrets: 'Omit', maxAge: '24h' },
  usage: fullUsage,
}
