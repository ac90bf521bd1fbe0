interface BuiltinCase {
  readonly name: string
  readonly document: { readonly kind: string; readonly [key: string]: unknown }
  readonly verdict: 'accepted' | 'refused'
}

const core = (kind: string, content: object, metadata: object = { name: 'case' }) => ({
  apiVersion: 'v1',
  kind,
  metadata,
  ...content,
})
const secret = (content: object) => core('Secret', content)
const configMap = (content: object) => core('ConfigMap', content)
const service = (spec: object) => core('Service', { spec })
const slice = (content: object) => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'case' },
  addressType: 'IPv4',
  endpoints: [],
  ...content,
})
const reaching = (address: string, addressType = 'IPv4') =>
  slice({ addressType, endpoints: [{ addresses: [address] }] })

const grant = (spec: object) => ({
  apiVersion: 'gateway.networking.k8s.io/v1beta1',
  kind: 'ReferenceGrant',
  metadata: { name: 'case' },
  spec,
})
const from = [{ group: 'gatehouse.dev', kind: 'GatewayRoute', namespace: 'shop' }]
const to = [{ group: '', kind: 'Service', name: 'orders' }]

const documents: Readonly<Record<BuiltinCase['verdict'], Readonly<Record<string, BuiltinCase['document']>>>> = {
  accepted: {
    'an empty Secret': secret({}),
    'a Secret of our type': secret({ type: 'gatehouse.dev/api-keys', stringData: { a: '{}' } }),
    'a certificate': secret({ type: 'kubernetes.io/tls', stringData: { 'tls.crt': 'a', 'tls.key': 'b' } }),
    'an empty ConfigMap': configMap({}),
    'a ConfigMap': configMap({ data: { 'jwks.json': '{}' }, binaryData: { b: 'Yg==' } }),
    'a Service': service({ selector: { app: 'a' }, ports: [{ name: 'http', port: 80, targetPort: 'web' }] }),
    'a headless Service': service({ clusterIP: 'None' }),
    'one port by two protocols': service({
      ports: [
        { name: 'tcp', port: 53 },
        { name: 'udp', port: 53, protocol: 'UDP' },
      ],
    }),
    'an EndpointSlice': slice({
      endpoints: [{ addresses: ['10.1.2.3'], conditions: { ready: true } }],
      ports: [{ name: '', port: 8080 }],
    }),
    'an IPv6 endpoint': reaching('fd00::1', 'IPv6'),
    'a Namespace': core('Namespace', {}),
    'a ReferenceGrant': grant({ from, to }),
  },
  refused: {
    'a Secret with a value that is no base64': secret({ data: { a: 'plain text' } }),
    'a Secret with base64 without padding': secret({ data: { a: 'Yg' } }),
    'a Secret with a number': secret({ stringData: { a: 1 } }),
    'a Secret with a bad key': secret({ stringData: { 'a b': 'c' } }),
    'a certificate without key': secret({ type: 'kubernetes.io/tls', stringData: { 'tls.crt': 'a' } }),
    'a Secret with a misspelt key': secret({ strngData: { a: 'b' } }),
    'a ConfigMap with a number': configMap({ data: { a: 1 } }),
    'a ConfigMap with one key twice': configMap({ data: { a: 'b' }, binaryData: { a: 'Yg==' } }),
    'a ConfigMap with a misspelt key': configMap({ dta: { a: 'b' } }),
    'a Service without ports': service({}),
    'a Service with a port that is none': service({ ports: [{ port: 70000 }] }),
    'a Service with bare ports': service({ ports: [{ port: 80 }, { port: 81 }] }),
    'a Service with one name twice': service({
      ports: [
        { name: 'a', port: 80 },
        { name: 'a', port: 81 },
      ],
    }),
    'a Service with one port twice': service({
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 80 },
      ],
    }),
    'a Service with a misspelt key': service({ port: [{ port: 80 }] }),
    'a loopback endpoint': reaching('127.0.0.1'),
    'a link-local endpoint': reaching('169.254.169.254'),
    'an endpoint of another family': reaching('fd00::1'),
    'an endpoint that is no address': reaching('backend.example'),
    'an endpoint without address': slice({ endpoints: [{}] }),
    'an EndpointSlice without type': slice({ addressType: undefined }),
    'an EndpointSlice with a misspelt key': slice({ endpoint: [] }),
    'a ReferenceGrant to nobody': grant({ from: [], to }),
    'a ReferenceGrant with a misspelt key': grant({ from, to, form: from }),
    'a Namespace with a misspelt key': core('Namespace', { sepc: {} }),
    'a Namespace with a dot': core('Namespace', {}, { name: 'a.b' }),
  },
}

/** Documents of built-in kinds, and what must become of them in the API server and in {@link admit}. */
export const builtinCases: readonly BuiltinCase[] = (['accepted', 'refused'] as const).flatMap((verdict) =>
  Object.entries(documents[verdict]).map(([name, document]) => ({
    name,
    // What JSON cannot carry, a member that is `undefined`, is absent.
    document: JSON.parse(JSON.stringify(document)) as BuiltinCase['document'],
    verdict,
  })),
)
