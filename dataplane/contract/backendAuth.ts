import { z } from 'zod'
import { name } from './common.ts'

/** The header that carries a signed token. Nobody else may send it. */
export const tokenHeader = 'x-gatehouse-token'

/** How the gateway proves itself to a backend. */
export const backendAuth = z.discriminatedUnion('type', [
  /** `audience` is what the token says: the backend's namespace, a slash and a name (M15). */
  z.strictObject({ type: z.literal('SignedToken'), audience: z.string().min(1).max(200) }),
  /** Names a `backendHeader` resource. */
  z.strictObject({ type: z.literal('Header'), header: name }),
])
export type BackendAuth = z.infer<typeof backendAuth>

/** A header with a secret value that goes to the backends which name it. */
export const backendHeader = z.strictObject({
  /** Lower case. */
  name: z
    .string()
    .max(64)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  value: z
    .string()
    .max(4096)
    .regex(/^[!-~]([ -~]*[!-~])?$/),
})

/** What data planes sign requests to backends with. There is at most one, named `tokens`. */
export const tokenKeys = z.strictObject({
  /** `iss` of the tokens. */
  issuer: name,
  keys: z
    .array(
      z.strictObject({
        /** RFC 7638 thumbprint of the public key. */
        kid: z.string().min(1).max(64),
        /** Milliseconds since the epoch. The latest key that has begun signs. */
        from: z.int().min(0),
        /** Ed25519, PKCS#8 PEM. */
        privateKey: z.string().max(1024),
      }),
    )
    .min(1)
    .max(4),
})
