import { z } from 'zod'
import { grantedNamespace, grantedSecretRef, host, objectName } from './common.ts'
import { atomic } from './lists.ts'
import { ruled } from './rule.ts'

const caRef = z
  .strictObject({
    group: z.enum(['']).default('').describe('The API group; only the core group, "".'),
    kind: z
      .enum(['ConfigMap', 'Secret'])
      .default('ConfigMap')
      .describe('ConfigMap, or a Secret of type gatehouse.dev/ca-certificates or kubernetes.io/tls.'),
    namespace: grantedNamespace,
    name: objectName('The name of the object.'),
  })
  .describe('A ConfigMap or Secret with PEM certificates under the key ca.crt.')

const subjectAltName = ruled(
  z
    .strictObject({
      type: z.enum(['Hostname', 'URI']).describe('The type of the subject alternative name.'),
      hostname: host('A host name; a certificate for *. and a domain is one for each name right below it.').optional(),
      uri: z
        .string()
        .min(1)
        .max(253)
        .regex(/^[A-Za-z][A-Za-z0-9+.-]*:[!-~]+$/)
        .optional()
        .describe('A URI, compared byte for byte.'),
    })
    .describe('A name that the certificate may have.'),
  {
    rule: "(self.type == 'Hostname') == has(self.hostname)",
    message: 'hostname is required with type Hostname, and only then',
    holds: (self) => (self.type === 'Hostname') === (self.hostname !== undefined),
  },
  {
    rule: "(self.type == 'URI') == has(self.uri)",
    message: 'uri is required with type URI, and only then',
    holds: (self) => (self.type === 'URI') === (self.uri !== undefined),
  },
)

/** Who a backend must prove to be, named as in the Gateway API's BackendTLSPolicy. There is no way around it. */
export const backendTls = ruled(
  z
    .strictObject({
      hostname: host('The name that is asked for (SNI), and that the certificate must be for.'),
      caCertificateRefs: atomic(
        caRef,
        { min: 1, max: 8 },
        'The authorities that the certificate must come from. If one of them cannot be had, nothing is sent. Not beside wellKnownCACertificates.',
      ).optional(),
      wellKnownCACertificates: z
        .enum(['System'])
        .optional()
        .describe('System: the authorities that the gateway itself knows. Not beside caCertificateRefs.'),
      subjectAltNames: atomic(
        subjectAltName,
        { min: 1, max: 5 },
        'Names of which the certificate must have one, in place of hostname. Absent = hostname.',
      ).optional(),
      clientCertificateRef: grantedSecretRef
        .optional()
        .describe(
          'A Secret of type kubernetes.io/tls with what the gateway shows to a backend that asks for a certificate. Absent = nothing.',
        ),
    })
    .describe('How the backend is spoken to over TLS. It is verified, always. Absent = plain text.'),
  {
    rule: 'has(self.caCertificateRefs) != has(self.wellKnownCACertificates)',
    message: 'exactly one of caCertificateRefs and wellKnownCACertificates is required',
    holds: (self) => (self.caCertificateRefs === undefined) !== (self.wellKnownCACertificates === undefined),
  },
)
