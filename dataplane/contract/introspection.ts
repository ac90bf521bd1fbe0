import { z } from 'zod'
import { claimMap } from './claimMap.ts'
import { milliseconds, name, text, timer } from './common.ts'
import { credentialLocations } from './credentialLocation.ts'

/** Asks a server about tokens (RFC 7662). */
export const introspectionMethod = z.strictObject({
  type: z.literal('Introspection'),
  url: z.string().max(2048),
  /** Which addresses its host may resolve to (M13). */
  addresses: z.enum(['Public', 'Private']),
  /** A `trust` resource in place of the system's certificate authorities; null = the system's. */
  trust: name.nullable(),
  /** Names a `clientCredential` resource. */
  client: name,
  /** Of the principals. Where an answer has `iss`, it must be this. */
  issuer: text,
  audiences: z.array(text).min(1).max(16),
  from: credentialLocations,
  map: claimMap,
  /** How long an active token is remembered, never beyond its `exp`; 0 = not at all. */
  cacheTTL: milliseconds,
  /** How long an inactive token is remembered; 0 = not at all. */
  negativeTTL: milliseconds,
  /** For a whole call, from resolving the name to the last byte. */
  timeout: timer.min(1),
  /** Calls of one data plane at once. */
  maxInFlight: z.int().min(1).max(1000),
})

/** How the gateway authenticates itself to a server (RFC 6749 2.3.1). Secret. */
export const clientCredential = z.strictObject({
  clientId: z.string().min(1).max(1024),
  clientSecret: z.string().min(1).max(4096),
})
