import { BlockList, isIP } from 'node:net'
import type { Json } from '@gatehouse/crds'
import { at, isObject, type AdmissionError, type JsonObject } from './shape.ts'

const dataKey = /^[-._a-zA-Z0-9]{1,253}$/
const maxDataBytes = 1024 * 1024

const entries = (value: Json | undefined): readonly (readonly [string, Json])[] =>
  isObject(value) ? Object.entries(value) : []
const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : [])

const isBase64 = (text: Json): boolean =>
  typeof text === 'string' &&
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text.replaceAll(/[\r\n]/g, ''))

const keyFaults = (object: JsonObject, member: string): readonly AdmissionError[] =>
  entries(object[member])
    .filter(([key]) => !dataKey.test(key) || key === '.' || key === '..')
    .map(([key]) => ({
      path: at(`/${member}`, key),
      message: 'is not a valid key: only letters, digits, "-", "_" and "." are allowed',
    }))

const base64Faults = (object: JsonObject, member: string): readonly AdmissionError[] =>
  entries(object[member])
    .filter(([, value]) => !isBase64(value))
    .map(([key]) => ({ path: at(`/${member}`, key), message: 'must be base64; plain text belongs in stringData' }))

const byteLength = (object: JsonObject, member: string, encoding: 'base64' | 'utf8'): number =>
  entries(object[member]).reduce(
    (sum, [, value]) => sum + (typeof value === 'string' ? Buffer.byteLength(value, encoding) : 0),
    0,
  )

const sizeFaults = (bytes: number): readonly AdmissionError[] =>
  bytes > maxDataBytes ? [{ path: '/data', message: 'must have at most 1 MiB in all' }] : []

/** What the API server demands of a Secret beyond its shape. Its `stringData` is already in `data`. */
export function secretFaults(object: JsonObject): readonly AdmissionError[] {
  const data = isObject(object['data']) ? object['data'] : {}
  const needed = object['type'] === 'kubernetes.io/tls' ? ['tls.crt', 'tls.key'] : []
  const missing = needed.filter((key) => !Object.hasOwn(data, key))
  return [
    ...keyFaults(object, 'data'),
    ...base64Faults(object, 'data'),
    ...sizeFaults(byteLength(object, 'data', 'base64')),
    ...missing.map((key) => ({ path: at('/data', key), message: 'is required with type kubernetes.io/tls' })),
  ]
}

/** What the API server demands of a ConfigMap beyond its shape. */
export function configMapFaults(object: JsonObject): readonly AdmissionError[] {
  const binary = isObject(object['binaryData']) ? object['binaryData'] : {}
  const twice = entries(object['data']).filter(([key]) => Object.hasOwn(binary, key))
  return [
    ...keyFaults(object, 'data'),
    ...keyFaults(object, 'binaryData'),
    ...base64Faults(object, 'binaryData'),
    ...sizeFaults(byteLength(object, 'data', 'utf8') + byteLength(object, 'binaryData', 'base64')),
    ...twice.map(([key]) => ({ path: at('/data', key), message: 'must not be in data and in binaryData' })),
  ]
}

/** What the API server demands of a Service beyond its shape. */
export function serviceFaults(object: JsonObject): readonly AdmissionError[] {
  const spec = isObject(object['spec']) ? object['spec'] : {}
  const ports = list(spec['ports'])
  const none = spec['type'] !== 'ExternalName' && spec['clusterIP'] !== 'None' && ports.length === 0
  const unnamed = ports.length > 1 ? ports.map((port) => isObject(port) && port['name'] === undefined) : []
  const names = ports.map((port) => (isObject(port) ? (port['name'] ?? null) : null))
  return [
    ...(none ? [{ path: '/spec/ports', message: 'is required' }] : []),
    ...unnamed.flatMap((bare, index) =>
      bare ? [{ path: `/spec/ports/${index}/name`, message: 'is required where there are several ports' }] : [],
    ),
    ...names.flatMap((name, index) =>
      name !== null && names.indexOf(name) < index
        ? [{ path: `/spec/ports/${index}/name`, message: 'is a duplicate' }]
        : [],
    ),
  ]
}

const noEndpoint = new BlockList()
noEndpoint.addSubnet('127.0.0.0', 8, 'ipv4')
noEndpoint.addSubnet('169.254.0.0', 16, 'ipv4')
noEndpoint.addSubnet('224.0.0.0', 24, 'ipv4')
noEndpoint.addAddress('0.0.0.0', 'ipv4')
noEndpoint.addAddress('::1', 'ipv6')
noEndpoint.addAddress('::', 'ipv6')
noEndpoint.addSubnet('fe80::', 10, 'ipv6')
noEndpoint.addSubnet('ff02::', 16, 'ipv6')

function addressFault(type: Json | undefined, address: Json): string | null {
  if (typeof type !== 'string' || typeof address !== 'string' || type === 'FQDN') return null
  const family = isIP(address)
  if (family === 0 || (family === 4) !== (type === 'IPv4')) return `must be an ${type} address`
  return noEndpoint.check(address, family === 4 ? 'ipv4' : 'ipv6')
    ? 'must not be a loopback, link-local, multicast or unspecified address; for a local backend use --upstream'
    : null
}

/** What the API server demands of an EndpointSlice beyond its shape. */
export const endpointSliceFaults = (object: JsonObject): readonly AdmissionError[] =>
  list(object['endpoints']).flatMap((endpoint, index) =>
    list(isObject(endpoint) ? endpoint['addresses'] : undefined).flatMap((address, place) => {
      const message = addressFault(object['addressType'], address)
      return message === null ? [] : [{ path: `/endpoints/${index}/addresses/${place}`, message }]
    }),
  )
