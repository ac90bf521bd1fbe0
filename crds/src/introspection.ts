import { z } from 'zod'
import { claimMap } from './claim-map.ts'
import { duration, secretRef, text } from './common.ts'
import { credentialLocations } from './credential-location.ts'
import { fetchedUrl } from './fetched-url.ts'
import { set } from './lists.ts'

export const introspection = z
  .strictObject({
    url: fetchedUrl(
      'The introspection endpoint (RFC 7662 2). Its host and port must be in outbound.allowedHosts of the Gatehouse; http only to loopback, for development.',
    ),
    clientSecretRef: secretRef.describe(
      'A Secret of the same namespace and of type gatehouse.dev/introspection-client with the keys clientId and clientSecret. Its annotation gatehouse.dev/destination-hosts must name the host of url, because the value leaves the gateway: a list of host or host:port separated by commas, where a host alone stands for port 443.',
    ),
    issuer: text(
      1024,
      'Whose tokens the endpoint answers for. Where an answer has the member iss, it must be this; it is the issuer of the principal.',
    ),
    audiences: set(
      text(256, 'An audience.'),
      { min: 1, max: 16 },
      'The member aud of the answer must name at least one of these. An answer without it is refused.',
    ),
    from: credentialLocations(
      'Where the token is looked for. Default: the Authorization header with the prefix "Bearer ".',
    ).default([{ header: 'authorization', prefix: 'Bearer ' }]),
    map: claimMap.optional(),
    cacheTTL: duration(
      'How long an active token is remembered, from the moment that the endpoint was asked, and never beyond its exp. It is how late a revocation may act. 0s = not at all.',
    ).default('30s'),
    negativeTTL: duration('How long an inactive token is remembered. 0s = not at all.').default('5s'),
    timeout: z
      .string()
      .max(6)
      .regex(/^([1-9][0-9]{0,3}ms|[1-9]s|10s)$/)
      .default('1s')
      .describe('How long the endpoint may take, from the resolving of its name to the last byte; at most 10s.'),
    maxInFlight: z
      .int()
      .min(1)
      .max(1000)
      .default(100)
      .describe(
        'How many calls of one data plane may be under way at once. Tokens beyond that are answered 503 and not asked about.',
      ),
  })
  .describe(
    'Asks an authorization server about bearer tokens (RFC 7662): those that no jwt entry claims. A token passes only by a clear answer with active true; without one the request is answered 503.',
  )
