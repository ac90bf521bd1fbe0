import { z } from 'zod'
import { claimMap } from './claimMap.ts'
import { milliseconds, name, text } from './common.ts'
import { credentialLocations } from './credentialLocation.ts'
import { introspectionMethod } from './introspection.ts'
import { subjectAltNames } from './subjectAltName.ts'

const jwtMethod = z.strictObject({
  type: z.literal('Jwt'),
  issuer: text,
  audiences: z.array(text).min(1).max(16),
  algorithms: z.array(z.string().max(16)).min(1).max(16),
  /** Names a `keySet` resource. */
  keySet: name,
  from: credentialLocations,
  requiredTyp: text.nullable(),
  clockSkew: milliseconds,
  /** How long after its `iat` a token is taken, which it then must have; null = until its `exp`. */
  maxTokenAge: milliseconds.nullable(),
  /** By which claim a token counts once, and who remembers; null = it counts until it expires. */
  replay: z.strictObject({ claim: z.literal('jti'), scope: z.enum(['Replica', 'Shared']) }).nullable(),
  map: claimMap,
})

const apiKeyMethod = z.strictObject({
  type: z.literal('ApiKey'),
  from: credentialLocations,
  /** Names a `credentials` resource. */
  credentials: name,
})

const mtlsMethod = z.strictObject({
  type: z.literal('Mtls'),
  subjectAltNames,
  /** A `trust` resource that the verified chain must end in; null = any anchor of the listener (M11). */
  trust: name.nullable(),
})

const anonymousMethod = z.strictObject({ type: z.literal('Anonymous') })

/** What a provider may say of a principal at most: exact values or `*`; an empty list lets nothing through. */
const assertable = z.array(text).max(256)
const asserts = z.strictObject({ roles: assertable, groups: assertable, tenants: assertable, plans: assertable })

export const provider = z.strictObject({
  name,
  asserts,
  method: z.discriminatedUnion('type', [jwtMethod, apiKeyMethod, introspectionMethod, mtlsMethod, anonymousMethod]),
  /** True when a part of it is missing or wrong: what it claims is answered 500 `config-invalid` (M7). */
  broken: z.boolean(),
})
export type Provider = z.infer<typeof provider>
