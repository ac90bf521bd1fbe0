import { group, kinds, objectSchema, version, type Json } from '@gatehouse/crds'
import { configMapFaults, endpointSliceFaults, secretFaults, serviceFaults } from './builtinFaults.ts'
import {
  configMapShape,
  endpointSliceShape,
  namespaceShape,
  referenceGrantShape,
  secretShape,
  serviceShape,
} from './builtinShapes.ts'
import { metadataShape } from './metadata.ts'
import { isObject, type AdmissionError, type JsonObject, type Shape } from './shape.ts'

/** How the API server treats documents of a kind. */
export interface AdmittedKind {
  readonly kind: string
  readonly apiVersion: string
  readonly namespaced: boolean
  readonly shape: Shape
  /** Applied before defaults. */
  readonly prepare: (object: JsonObject) => JsonObject
  /** What is demanded beyond the shape. */
  readonly faults: (object: JsonObject) => readonly AdmissionError[]
}

const asIs = (object: JsonObject): JsonObject => object
const nothing = (): readonly AdmissionError[] => []

const whole = (shape: Shape, metadata: Parameters<typeof metadataShape>[0]): Shape => ({
  ...shape,
  required: [...(shape.required ?? []), 'metadata'],
  properties: {
    ...shape.properties,
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: metadataShape(metadata),
  },
})

const own = Object.values(kinds).map((definition): AdmittedKind => ({
  kind: definition.kind,
  apiVersion: `${group}/${version}`,
  namespaced: true,
  shape: whole(objectSchema(definition), { namespaced: true, name: 'subdomain' }),
  prepare: asIs,
  faults: nothing,
}))

/** Moves `stringData` into `data`, where it wins. */
function mergeStringData(object: JsonObject): JsonObject {
  const { stringData, ...secret } = object
  if (!isObject(stringData)) return object
  const encoded = Object.entries(stringData).map(([key, value]): [string, Json] => [
    key,
    typeof value === 'string' ? Buffer.from(value, 'utf8').toString('base64') : value,
  ])
  return { ...secret, data: { ...(isObject(secret['data']) ? secret['data'] : {}), ...Object.fromEntries(encoded) } }
}

const nameLabel = 'kubernetes.io/metadata.name'

/** A namespace carries its name as a label. */
function labelWithName(object: JsonObject): JsonObject {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {}
  const labels = isObject(metadata['labels']) ? metadata['labels'] : {}
  return { ...object, metadata: { ...metadata, labels: { ...labels, [nameLabel]: metadata['name'] ?? '' } } }
}

const builtin: readonly AdmittedKind[] = [
  {
    kind: 'Service',
    apiVersion: 'v1',
    namespaced: true,
    shape: whole(serviceShape, { namespaced: true, name: 'label' }),
    prepare: asIs,
    faults: serviceFaults,
  },
  {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    namespaced: true,
    shape: whole(endpointSliceShape, { namespaced: true, name: 'subdomain' }),
    prepare: asIs,
    faults: endpointSliceFaults,
  },
  {
    kind: 'Secret',
    apiVersion: 'v1',
    namespaced: true,
    shape: whole(secretShape, { namespaced: true, name: 'subdomain' }),
    prepare: mergeStringData,
    faults: secretFaults,
  },
  {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    namespaced: true,
    shape: whole(configMapShape, { namespaced: true, name: 'subdomain' }),
    prepare: asIs,
    faults: configMapFaults,
  },
  {
    kind: 'Namespace',
    apiVersion: 'v1',
    namespaced: false,
    shape: whole(namespaceShape, { namespaced: false, name: 'label' }),
    prepare: labelWithName,
    faults: nothing,
  },
  {
    kind: 'ReferenceGrant',
    apiVersion: 'gateway.networking.k8s.io/v1beta1',
    namespaced: true,
    shape: whole(referenceGrantShape, { namespaced: true, name: 'subdomain' }),
    prepare: asIs,
    faults: nothing,
  },
]

/** Every kind that Gatehouse reads, by kind. */
export const admittedKinds: ReadonlyMap<string, AdmittedKind> = new Map(
  [...own, ...builtin].map((entry) => [entry.kind, entry]),
)
