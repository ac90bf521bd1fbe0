import { z } from 'zod'
import { claimMap } from './claim-map.ts'
import { configMapKey, duration, grantedNamespace, objectName, positiveDuration, text } from './common.ts'
import { credentialLocations } from './credential-location.ts'
import { fetchedUrl } from './fetched-url.ts'
import { set } from './lists.ts'
import { present } from './present.ts'
import { ruled } from './rule.ts'

const jwks = ruled(
  z
    .strictObject({
      uri: fetchedUrl(
        'Where the key set is fetched from. Its host and port must be in outbound.allowedHosts of the Gatehouse; http only from loopback, for development.',
      ).optional(),
      inline: text(65536, 'The key set itself, a JSON text (RFC 7517) of public keys.').optional(),
      configMapRef: z
        .strictObject({
          namespace: grantedNamespace,
          name: objectName('The name of a ConfigMap.'),
          key: configMapKey('jwks.json', 'The key that holds the key set.'),
        })
        .optional()
        .describe('A ConfigMap that holds the key set.'),
    })
    .describe('The public keys that tokens are verified with: exactly one of uri, inline and configMapRef.'),
  {
    rule: '[has(self.uri), has(self.inline), has(self.configMapRef)].filter(x, x).size() == 1',
    message: 'exactly one of uri, inline and configMapRef is required',
    holds: (self) => present(self.uri, self.inline, self.configMapRef) === 1,
  },
)

export const jwt = z
  .strictObject({
    issuer: text(1024, 'The value that the iss claim must have.'),
    audiences: set(text(256, 'An audience.'), { min: 1, max: 16 }, 'The aud claim must name at least one of these.'),
    algorithms: set(
      z
        .enum(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])
        .describe('A signature algorithm.'),
      { min: 1, max: 10 },
      'The signature algorithms that are accepted (RFC 7518, RFC 8037).',
    ),
    jwks,
    from: credentialLocations(
      'Where the token is looked for. Default: the Authorization header with the prefix "Bearer ".',
    ).default([{ header: 'authorization', prefix: 'Bearer ' }]),
    requiredTyp: text(
      64,
      'The value that the typ header of the token must have (RFC 8725 3.11). Absent = not checked.',
    ).optional(),
    clockSkew: duration('How far exp and nbf may lie beside the clock of the gateway.').default('0s'),
    maxTokenAge: positiveDuration(
      'How long after its iat a token is taken at most. Such a token must have iat, and not in the future. Absent = until its exp.',
    ).optional(),
    replay: z
      .strictObject({
        claim: z.enum(['jti']).describe('The claim that names the token: jti, which every token must then have.'),
        scope: z
          .enum(['Replica', 'Shared'])
          .describe(
            'Who remembers. Replica: each data plane for itself. Shared: all data planes together, in the quotaStore of the Gatehouse; while that does not answer, such tokens are refused with 503.',
          ),
      })
      .optional()
      .describe(
        'A token counts once: a second request with it is refused until it has expired. When more tokens are in use than can be remembered, further ones are refused with 503. Absent = a token counts until it expires.',
      ),
    map: claimMap.optional(),
  })
  .describe('Verifies JSON Web Tokens (RFC 7519). A token without exp is refused.')
