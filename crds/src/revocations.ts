import { z } from 'zod'
import { listReference } from './list-reference.ts'
import { mustPass } from './merge.ts'

export const revocations = mustPass(
  z
    .strictObject({
      configMapRef: listReference(
        'revocations.json',
        'The ConfigMap: a JSON list of objects, each with provider (of this policy) or issuer, and with one of jti, subject, clientId, keyId (the kid of a key) and issuedBefore (RFC 3339); issuedBefore may also stand beside one of the others. While it is missing or cannot be read the last list that could be read stays in force; without one no credential counts where this policy is in force.',
      ),
    })
    .describe('Credentials that count no more, though they have not expired. Absent = none.'),
)
