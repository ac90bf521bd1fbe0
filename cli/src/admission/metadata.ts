import { isObject, type JsonObject, type Shape } from './shape.ts'

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const qualified = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/

const dnsLabel: Shape = {
  type: 'string',
  minLength: 1,
  maxLength: 63,
  pattern: `^${label}$`,
  description: 'lower-case letters, digits and hyphens',
}

const dnsSubdomain: Shape = {
  type: 'string',
  minLength: 1,
  maxLength: 253,
  pattern: `^${label}(\\.${label})*$`,
  description: 'lower-case letters, digits, hyphens and dots',
}

/** What `metadata` of a kind looks like; `name` is a DNS label or a DNS subdomain. */
export const metadataShape = (kind: { readonly namespaced: boolean; readonly name: 'label' | 'subdomain' }): Shape => ({
  type: 'object',
  required: ['name'],
  properties: {
    name: kind.name === 'label' ? dnsLabel : dnsSubdomain,
    ...(kind.namespaced && { namespace: dnsLabel }),
    labels: {
      type: 'object',
      additionalProperties: {
        type: 'string',
        maxLength: 63,
        pattern: '^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$',
        description: 'letters, digits, hyphens, underscores and dots, beginning and ending with a letter or digit',
      },
    },
    annotations: { type: 'object', additionalProperties: { type: 'string' } },
    finalizers: { type: 'array', items: { type: 'string' } },
    ownerReferences: { type: 'array', items: {} },
    managedFields: { type: 'array', items: {} },
    creationTimestamp: {},
    deletionTimestamp: {},
    deletionGracePeriodSeconds: {},
    generateName: { type: 'string' },
    generation: {},
    resourceVersion: {},
    selfLink: {},
    uid: {},
  },
})

/** Keys of labels and annotations that are no qualified names. */
export const badKeys = (metadata: JsonObject): readonly (readonly [member: string, key: string])[] =>
  ['labels', 'annotations'].flatMap((member) => {
    const map = metadata[member]
    const keys = isObject(map) ? Object.keys(map) : []
    return keys.filter((key) => !qualified.test(key)).map((key) => [member, key] as const)
  })

/** What an author may say in `metadata`; the rest belongs to the server. */
export function ownMetadata(metadata: JsonObject, namespaced: boolean): JsonObject {
  const { name, namespace, labels, annotations } = metadata
  return {
    name: name ?? '',
    ...(namespaced && { namespace: namespace ?? 'default' }),
    ...(labels !== undefined && { labels }),
    ...(annotations !== undefined && { annotations }),
  }
}
