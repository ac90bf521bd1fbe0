import { z } from 'zod'
import { caCertificateRefs } from './common.ts'
import { subjectAltNames } from './subject-alt-name.ts'

export const mtls = z
  .strictObject({
    subjectAltNames: subjectAltNames(
      'The certificate must have at least one of these names. The name that fits the first of them is the subject.',
    ),
    caCertificateRefs: caCertificateRefs(
      'Narrows the authorities of the listener: the verified chain must end in one of these. Absent = any of them.',
    ).optional(),
  })
  .describe('Takes the client certificate of the connection as the credential.')
