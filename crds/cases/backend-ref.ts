import { ruleCases, structureCases, type Case } from './case.ts'

const service = { name: 'orders', port: 443 }
const system = { hostname: 'orders.internal', wellKnownCACertificates: 'System' }
const caCertificateRefs = [{ name: 'ca' }]
const fullPath = { type: 'ReplaceFullPath', replaceFullPath: '/v2' }
const to = (ref: object, rule: object = {}) => ({
  hostnames: ['api.shop.example'],
  rules: [{ name: 'orders', backendRefs: [ref], ...rule }],
})
const named = (...subjectAltNames: readonly object[]) => to({ ...service, tls: { ...system, subjectAltNames } })

/** Where requests go, and how. */
export const backendRefCases: readonly Case[] = [
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.rules[].backendRefs[]', message: 'exactly one of name and url is required' },
    {
      accepted: { 'a host outside': to({ url: 'https://legacy.example:8443' }) },
      refused: {
        'a Service outside': to({ ...service, url: 'https://legacy.example' }),
        'a backend that is nothing': to({ weight: 1 }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.rules[].backendRefs[]', message: 'port is required with name, and only then' },
    {
      accepted: { 'a Service with its port': to(service) },
      refused: {
        'a Service without port': to({ name: 'orders' }),
        'a url with a port beside it': to({ url: 'https://legacy.example', port: 443 }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    {
      at: 'spec.rules[].backendRefs[]',
      message: 'namespace and tls are for Services: outbound.allowedHosts says how a url is verified',
    },
    {
      accepted: { 'a url alone': to({ url: 'https://legacy.example' }) },
      refused: {
        'a url of a namespace': to({ url: 'https://legacy.example', namespace: 'other' }),
        'a url with TLS of its own': to({ url: 'https://legacy.example', tls: system }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    {
      at: 'spec.rules[]',
      message: 'rewrite.hostname is for Services: a url is called by the name that outbound.allowedHosts allows',
    },
    {
      accepted: {
        'a url under another path': to({ url: 'https://legacy.example' }, { rewrite: { path: fullPath } }),
        'a Service under another name': to(service, { rewrite: { hostname: 'other.example' } }),
      },
      refused: {
        'a url under another name': to({ url: 'https://legacy.example' }, { rewrite: { hostname: 'other.example' } }),
        'a url under another name and path': to(
          { url: 'https://legacy.example' },
          { rewrite: { hostname: 'other.example', path: fullPath } },
        ),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    {
      at: 'spec.rules[].backendRefs[]',
      message: 'protocol HTTP2 needs tls or an https url; without TLS it is H2C',
    },
    {
      accepted: {
        'HTTP/2 over TLS': to({ ...service, protocol: 'HTTP2', tls: system }),
        'HTTP/2 outside': to({ url: 'https://legacy.example', protocol: 'HTTP2' }),
      },
      refused: {
        'HTTP/2 without TLS': to({ ...service, protocol: 'HTTP2' }),
        'HTTP/2 outside without TLS': to({ url: 'http://localhost:3000', protocol: 'HTTP2' }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.rules[].backendRefs[]', message: 'protocol H2C is without TLS; with it, it is HTTP2' },
    {
      accepted: {
        'HTTP/2 by prior knowledge': to({ ...service, protocol: 'H2C' }),
        'HTTP/2 by prior knowledge on loopback': to({ url: 'http://localhost:3000', protocol: 'H2C' }),
      },
      refused: {
        'prior knowledge under TLS': to({ ...service, protocol: 'H2C', tls: system }),
        'prior knowledge of an https url': to({ url: 'https://legacy.example', protocol: 'H2C' }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    {
      at: 'spec.rules[].backendRefs[].tls',
      message: 'exactly one of caCertificateRefs and wellKnownCACertificates is required',
    },
    {
      accepted: {
        'authorities of its own': to({ ...service, tls: { hostname: 'orders.internal', caCertificateRefs } }),
        'authorities of the system': to({ ...service, tls: system }),
      },
      refused: {
        'authorities of nobody': to({ ...service, tls: { hostname: 'orders.internal' } }),
        'authorities of both': to({ ...service, tls: { ...system, caCertificateRefs } }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    {
      at: 'spec.rules[].backendRefs[].tls.subjectAltNames[]',
      message: 'hostname is required with type Hostname, and only then',
    },
    {
      accepted: { 'another host name': named({ type: 'Hostname', hostname: 'orders.shop' }) },
      refused: {
        'a host name without one': named({ type: 'Hostname' }),
        'a URI that is a host name too': named({ type: 'URI', uri: 'spiffe://a/b', hostname: 'a.b' }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    {
      at: 'spec.rules[].backendRefs[].tls.subjectAltNames[]',
      message: 'uri is required with type URI, and only then',
    },
    {
      accepted: { 'a workload': named({ type: 'URI', uri: 'spiffe://cluster.local/ns/shop/sa/orders' }) },
      refused: {
        'a URI without one': named({ type: 'URI' }),
        'a host name that is a URI too': named({ type: 'Hostname', hostname: 'a.b', uri: 'spiffe://a/b' }),
      },
    },
  ),
  ...structureCases('GatewayRoute', {
    accepted: {
      'a client certificate of another namespace': to({
        ...service,
        tls: { ...system, clientCertificateRef: { name: 'gateway', namespace: 'certificates' } },
      }),
      'authorities in a Secret': to({
        ...service,
        tls: { hostname: 'orders.internal', caCertificateRefs: [{ kind: 'Secret', name: 'ca' }] },
      }),
    },
    refused: {
      'TLS without a name': to({ ...service, tls: { wellKnownCACertificates: 'System' } }),
      'TLS without verification': to({ ...service, tls: { ...system, insecureSkipVerify: true } }),
      'no authorities': to({ ...service, tls: { hostname: 'a.b', caCertificateRefs: [] } }),
      'authorities of another kind': to({
        ...service,
        tls: { hostname: 'a.b', caCertificateRefs: [{ kind: 'Service', name: 'ca' }] },
      }),
      'no names': to({ ...service, tls: { ...system, subjectAltNames: [] } }),
      'an unknown protocol': to({ ...service, protocol: 'SPDY' }),
      'a url with a path': to({ url: 'https://legacy.example/v1' }),
      'a url with a slash': to({ url: 'https://legacy.example/' }),
      'a url with a query': to({ url: 'https://legacy.example?a' }),
      'a url with credentials': to({ url: 'https://user:secret@legacy.example' }),
      'a url in upper case': to({ url: 'HTTPS://legacy.example' }),
      'a url of another scheme': to({ url: 'ftp://legacy.example' }),
      'a url without host': to({ url: 'https://:443' }),
    },
  }),
]
