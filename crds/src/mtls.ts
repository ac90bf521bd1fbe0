import { z } from 'zod'
import { caCertificateRefs, text } from './common.ts'
import { atomic } from './lists.ts'

export const mtls = z
  .strictObject({
    subjectAltNames: atomic(
      z
        .strictObject({
          type: z.enum(['URI', 'DNS']).describe('The type of the subject alternative name.'),
          pattern: text(1024, 'The name; * stands for one path segment of a URI or one label of a DNS name.'),
        })
        .describe('A subject alternative name.'),
      { min: 1, max: 32 },
      'The certificate must have at least one of these names.',
    ),
    caCertificateRefs: caCertificateRefs(
      'Narrows the authorities of the listener: the verified chain must end in one of these. Absent = any of them.',
    ).optional(),
  })
  .describe('Takes the client certificate of the connection as the credential.')
