import { z } from 'zod'
import { credentialLocations } from './credential-location.ts'
import { labels } from './lists.ts'

export const apiKey = z
  .strictObject({
    from: credentialLocations('Where the key is looked for.'),
    secretSelector: z
      .strictObject({ matchLabels: labels('Labels that a Secret must have, with exactly these values.') })
      .describe(
        'The Secrets of type gatehouse.dev/api-keys of the same namespace that hold the hashes of the keys. Each key of such a Secret is a client id, its value a JSON object: keyHash ("sha256:" and 64 hex digits of the SHA-256 of the API key) and, if wanted, notBefore, expiresAt, roles, scopes, tenant and plan; or keys, a list of one or two objects with keyHash, notBefore and expiresAt, in place of those three. An entry with anything else in it is left out, and so are all that share a client id or a key.',
      ),
  })
  .describe('Verifies API keys against hashes in Secrets.')
