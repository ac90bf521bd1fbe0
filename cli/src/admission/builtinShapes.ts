import type { Shape } from './shape.ts'

const open: Shape = {}
const text: Shape = { type: 'string' }
const flag: Shape = { type: 'boolean' }
const texts: Shape = { type: 'array', items: text }
const textMap: Shape = { type: 'object', additionalProperties: text }
const port: Shape = { type: 'integer', minimum: 1, maximum: 65535 }
const protocol: Shape = { type: 'string', enum: ['TCP', 'UDP', 'SCTP'], default: 'TCP' }

const servicePort: Shape = {
  type: 'object',
  required: ['port'],
  properties: {
    name: { type: 'string', maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' },
    protocol,
    appProtocol: text,
    port,
    targetPort: open,
    nodePort: { type: 'integer', minimum: 0, maximum: 65535 },
  },
}

/** Fields of a Service that nothing here reads. */
const otherServiceFields = [
  'allocateLoadBalancerNodePorts',
  'clusterIP',
  'clusterIPs',
  'externalIPs',
  'externalName',
  'externalTrafficPolicy',
  'healthCheckNodePort',
  'internalTrafficPolicy',
  'ipFamilies',
  'ipFamilyPolicy',
  'loadBalancerClass',
  'loadBalancerIP',
  'loadBalancerSourceRanges',
  'publishNotReadyAddresses',
  'sessionAffinity',
  'sessionAffinityConfig',
  'trafficDistribution',
]

export const serviceShape: Shape = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      properties: {
        ...Object.fromEntries(otherServiceFields.map((name) => [name, open])),
        type: {
          type: 'string',
          enum: ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'],
          default: 'ClusterIP',
        },
        selector: textMap,
        ports: {
          type: 'array',
          maxItems: 1000,
          items: servicePort,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['port', 'protocol'],
        },
      },
    },
    status: open,
  },
}

export const endpointSliceShape: Shape = {
  type: 'object',
  required: ['addressType', 'endpoints'],
  properties: {
    addressType: { type: 'string', enum: ['IPv4', 'IPv6', 'FQDN'] },
    endpoints: {
      type: 'array',
      maxItems: 1000,
      items: {
        type: 'object',
        required: ['addresses'],
        properties: {
          addresses: { ...texts, minItems: 1, maxItems: 100 },
          conditions: { type: 'object', properties: { ready: flag, serving: flag, terminating: flag } },
          hostname: text,
          nodeName: text,
          zone: text,
          targetRef: open,
          hints: open,
          deprecatedTopology: textMap,
        },
      },
    },
    ports: {
      type: 'array',
      maxItems: 20000,
      items: {
        type: 'object',
        properties: { name: { type: 'string', maxLength: 63, default: '' }, protocol, port, appProtocol: text },
      },
    },
  },
}

export const secretShape: Shape = {
  type: 'object',
  properties: { data: textMap, stringData: textMap, type: { type: 'string', default: 'Opaque' }, immutable: flag },
}

export const configMapShape: Shape = {
  type: 'object',
  properties: { data: textMap, binaryData: textMap, immutable: flag },
}

export const namespaceShape: Shape = {
  type: 'object',
  properties: { spec: { type: 'object', properties: { finalizers: texts } }, status: open },
}

const grantFrom: Shape = {
  type: 'object',
  required: ['group', 'kind', 'namespace'],
  properties: { group: text, kind: text, namespace: text },
}
const grantTo: Shape = {
  type: 'object',
  required: ['group', 'kind'],
  properties: { group: text, kind: text, name: text },
}

/** Of the Gateway API (gateway.networking.k8s.io/v1beta1). */
export const referenceGrantShape: Shape = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['from', 'to'],
      properties: {
        from: { type: 'array', minItems: 1, maxItems: 16, items: grantFrom },
        to: { type: 'array', minItems: 1, maxItems: 16, items: grantTo },
      },
    },
  },
}
