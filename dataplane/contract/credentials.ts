import { z } from 'zod'
import { name, text } from './common.ts'

/** A JSON Web Key with public members only; which members is RFC 7518's matter and the data plane's check. */
export const publicJwk = z.record(
  z.string().max(64),
  z.union([z.string().max(8192), z.array(z.string().max(8192)).max(8), z.boolean()]),
)

/** Keys that verify JWTs. */
export const keySet = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('Inline'), keys: z.array(publicJwk).max(64) }),
  z.strictObject({
    type: z.literal('Remote'),
    uri: z.string().max(2048),
    /** Which addresses the host may resolve to (M13). */
    addresses: z.enum(['Public', 'Private']),
    /** A `trust` resource in place of the system's certificate authorities; null = the system's. */
    trust: name.nullable(),
  }),
])

const apiKey = z.strictObject({
  /** `sha256:` and 64 lower-case hex digits of the key's UTF-8 bytes. */
  keyHash: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  /** Milliseconds since the epoch; null = no bound. */
  notBefore: z.int().nullable(),
  expiresAt: z.int().nullable(),
})

/** API keys by client id; only hashes. */
export const credentials = z.strictObject({
  clients: z
    .array(
      z.strictObject({
        id: name,
        /** Its live keys; two while one replaces the other. */
        keys: z.array(apiKey).min(1).max(2),
        roles: z.array(text).max(64),
        scopes: z.array(text).max(64),
        tenant: text.nullable(),
        plan: text.nullable(),
      }),
    )
    .max(10000),
})
