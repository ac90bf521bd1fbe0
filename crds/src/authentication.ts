import { z } from 'zod'
import { caCertificateRefs, duration, entryName, headerName, objectName, text } from './common.ts'
import { atomic, labels, listMap, set } from './lists.ts'
import { ruled } from './rule.ts'

/** How many of these are there; what an exactly-one rule asks. */
const present = (...members: readonly unknown[]): number => members.filter((member) => member !== undefined).length

/** Names of the members of a claim, outermost first. */
export const claimPath = (description: string) =>
  atomic(
    text(128, 'The name of one member.'),
    { min: 1, max: 8 },
    `${description} A list of member names, outermost first.`,
  )

const credentialLocations = (description: string) =>
  atomic(
    z
      .strictObject({
        header: headerName('The name of the header; case does not matter.'),
        prefix: z
          .string()
          .max(64)
          .regex(/^[ -~]*$/)
          .optional()
          .describe(
            'What precedes the credential in the header, such as "Bearer "; compared without case. Absent = nothing.',
          ),
      })
      .describe('A place in the request.'),
    { min: 1, max: 8 },
    description,
  )

const jwks = ruled(
  z
    .strictObject({
      uri: z
        .string()
        .min(1)
        .max(2048)
        .regex(/^https?:\/\/[a-z0-9.-]+(:[0-9]{1,5})?(\/[!-"$->@-~]*)?(\?[!-"$-~]*)?$/)
        .optional()
        .describe(
          'Where the key set is fetched from. Its host and port must be in outbound.allowedHosts of the Gatehouse; http only from loopback, for development.',
        ),
      inline: text(65536, 'The key set itself, a JSON text (RFC 7517) of public keys.').optional(),
      configMapRef: z
        .strictObject({
          name: objectName('The name of a ConfigMap of the same namespace.'),
          key: z
            .string()
            .min(1)
            .max(253)
            .regex(/^[-._a-zA-Z0-9]+$/)
            .default('jwks.json')
            .describe('The key that holds the key set.'),
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

const jwt = z
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
    map: z
      .strictObject({
        roles: claimPath('The claim that holds the roles. Absent = none.').optional(),
        scopes: claimPath(
          'The claim that holds the scopes: a list, or words separated by spaces. Absent = none.',
        ).optional(),
        tenant: claimPath('The claim that holds the tenant. Absent = none.').optional(),
      })
      .optional()
      .describe('Where the attributes of the principal are in the claims. Absent = it has none.'),
  })
  .describe('Verifies JSON Web Tokens (RFC 7519). A token without exp is refused.')

const apiKey = z
  .strictObject({
    from: credentialLocations('Where the key is looked for.'),
    secretSelector: z
      .strictObject({ matchLabels: labels('Labels that a Secret must have, with exactly these values.') })
      .describe(
        'The Secrets of type gatehouse.dev/api-keys of the same namespace that hold the hashes of the keys. Each key of such a Secret is a client id, its value a JSON object: keyHash ("sha256:" and 64 hex digits of the SHA-256 of the API key) and, if wanted, tenant, roles, scopes, notBefore and expiresAt.',
      ),
  })
  .describe('Verifies API keys against hashes in Secrets.')

const mtls = z
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

const assertable = (description: string) =>
  set(text(256, 'An exact value, or * for any.'), { min: 0, max: 256 }, description).optional()

const provider = ruled(
  z
    .strictObject({
      name: entryName('The name that rules and records use.'),
      asserts: z
        .strictObject({
          tenants: assertable('The tenants that it may name. Absent = none.'),
          roles: assertable('The roles that it may give. Absent = none.'),
        })
        .optional()
        .describe('The most that this provider may claim; what it claims beyond is dropped. Absent = nothing.'),
      jwt: jwt.optional(),
      apiKey: apiKey.optional(),
      mtls: mtls.optional(),
      anonymous: z.strictObject({}).optional().describe('Requests without a credential pass as an anonymous caller.'),
    })
    .describe('A way to prove an identity: exactly one of jwt, apiKey, mtls and anonymous.'),
  {
    rule: '[has(self.jwt), has(self.apiKey), has(self.mtls), has(self.anonymous)].filter(x, x).size() == 1',
    message: 'exactly one of jwt, apiKey, mtls and anonymous is required',
    holds: (self) => present(self.jwt, self.apiKey, self.mtls, self.anonymous) === 1,
  },
  {
    rule: '!has(self.anonymous) || !has(self.asserts)',
    message: 'asserts has no effect with anonymous; remove it',
    holds: (self) => self.anonymous === undefined || self.asserts === undefined,
  },
)

export const authentication = z
  .strictObject({
    anyOf: listMap(
      provider,
      ['name'],
      { min: 1, max: 16 },
      'The accepted ways to prove an identity. Each credential is judged by the one that claims it.',
    ),
  })
  .describe('Who may call. Absent = this policy does not say.')
