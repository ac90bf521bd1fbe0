import { z } from 'zod'
import { atomic } from './lists.ts'

/** Group and version of every kind in this package. */
export const group = 'gatehouse.dev'
export const version = 'v1alpha1'

/**
 * The version of the set of CRDs, carried by each in the annotation {@link bundleVersionAnnotation}. It grows with
 * every change of a schema; a controller that finds an older one cannot trust what it reads.
 */
export const bundleVersion = 3
export const bundleVersionAnnotation = 'gatehouse.dev/bundle-version'

/** Any text of at least one character. */
export const text = (max: number, description: string) => z.string().min(1).max(max).describe(description)

const dnsLabel = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'

/** The name of a list entry: a DNS label. */
export const entryName = (description: string) =>
  z
    .string()
    .min(1)
    .max(63)
    .regex(new RegExp(`^${dnsLabel}$`))
    .describe(description)

/** The name of a namespace. */
export const namespaceName = (description: string) => entryName(description)

/** The name of a Kubernetes object: a DNS subdomain. */
export const objectName = (description: string) =>
  z
    .string()
    .min(1)
    .max(253)
    .regex(new RegExp(`^${dnsLabel}(\\.${dnsLabel})*$`))
    .describe(description)

/** A host name in lower case, without wildcard and port. */
export const host = (description: string) => objectName(description)

/** A host name in lower case whose first label may be `*`. */
export const hostname = (description: string) =>
  z
    .string()
    .min(1)
    .max(253)
    .regex(new RegExp(`^(\\*\\.)?${dnsLabel}(\\.${dnsLabel})*$`))
    .describe(description)

export const port = (description: string) => z.int().min(1).max(65535).describe(description)

/** A duration as the Gateway API writes it, such as `1m30s` or `500ms`. */
export const duration = (description: string) =>
  z
    .string()
    .max(24)
    .regex(/^([0-9]{1,5}(h|m|s|ms)){1,4}$/)
    .describe(description)

/** How long a duration is, in milliseconds. */
export const milliseconds = (value: string): number => {
  const unit = { h: 3600000, m: 60000, s: 1000, ms: 1 } as const
  return [...value.matchAll(/(\d+)(ms|[hms])/g)].reduce(
    (sum, [, count, name]) => sum + Number(count) * unit[name as keyof typeof unit],
    0,
  )
}

/** A duration of one unit that cannot be zero. */
export const positiveDuration = (description: string) =>
  z
    .string()
    .max(8)
    .regex(/^[1-9][0-9]{0,4}(h|m|s|ms)$/)
    .describe(description)

/** A size in bytes of at least 1Ki. */
export const byteSize = (description: string) =>
  z
    .string()
    .max(6)
    .regex(/^[1-9][0-9]{0,3}(Ki|Mi)$/)
    .describe(description)

const byte = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'

/** An address range. The exact form of an IPv6 address is checked by the controller. */
export const cidr = z
  .string()
  .max(43)
  .regex(
    new RegExp(
      `^((${byte}\\.){3}${byte}/(3[0-2]|[12]?[0-9])|[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]{1,40}/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))$`,
    ),
  )
  .describe('An IPv4 or IPv6 range such as 10.0.0.0/8.')

/** An HTTP field name (RFC 9110 5.1), in any case. */
export const headerName = (description: string) =>
  z
    .string()
    .min(1)
    .max(256)
    .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/)
    .describe(description)

/** A method in upper case; RFC 9110 9.1 makes it case-sensitive. */
export const method = z
  .string()
  .min(1)
  .max(32)
  .regex(/^[A-Z][A-Z-]*$/)
  .describe('A method name in upper case, such as GET.')

/** The namespace of a referenced object that may lie in another one (Gateway API, ReferenceGrant). */
export const grantedNamespace = namespaceName(
  'The namespace of the object. Another one than its own needs a ReferenceGrant there. Absent = its own.',
).optional()

const secretMembers = {
  group: z.enum(['']).default('').describe('The API group; only the core group, "".'),
  kind: z.enum(['Secret']).default('Secret').describe('The kind; only Secret.'),
  name: objectName('The name of the Secret.'),
}

/** A reference to a Secret of the same namespace. */
export const secretRef = z.strictObject(secretMembers).describe('A Secret of the same namespace.')

/** A reference to a Secret that may lie in another namespace. */
export const grantedSecretRef = z.strictObject({ ...secretMembers, namespace: grantedNamespace }).describe('A Secret.')

/** A reference to a ConfigMap that holds PEM certificates under `ca.crt`. */
const caRef = z
  .strictObject({
    group: z.enum(['']).default('').describe('The API group; only the core group, "".'),
    kind: z.enum(['ConfigMap']).default('ConfigMap').describe('The kind; only ConfigMap.'),
    namespace: grantedNamespace,
    name: objectName('The name of the ConfigMap.'),
  })
  .describe('A ConfigMap with PEM certificates under the key ca.crt.')

export const caCertificateRefs = (description: string) => atomic(caRef, { min: 0, max: 8 }, description)

/** A key of a ConfigMap; what it holds when nothing is said is the default. */
export const configMapKey = (standard: string, description: string) =>
  z
    .string()
    .min(1)
    .max(253)
    .regex(/^[-._a-zA-Z0-9]+$/)
    .default(standard)
    .describe(description)
