import { z } from 'zod'
import { claimPath, methods, name, pathMatch, text } from './common.ts'

const values = z.array(text).min(1).max(64)

const quantified = z.union([z.strictObject({ anyOf: values }), z.strictObject({ allOf: values })])

export const principalCondition = z.discriminatedUnion('attribute', [
  z.strictObject({ attribute: z.enum(['Role', 'Scope', 'Tenant', 'Provider']), values: quantified }),
  z.strictObject({ attribute: z.literal('Claim'), path: claimPath, values: quantified }),
  z.strictObject({ attribute: z.enum(['Authenticated', 'Anyone']) }),
])
export type PrincipalCondition = z.infer<typeof principalCondition>

export const authorizationRule = z.strictObject({
  name,
  action: z.enum(['Deny', 'Require', 'Allow']),
  methods,
  /** null = any path. */
  paths: z.array(pathMatch).min(1).max(16).nullable(),
  /** All must hold. Empty = no condition (Deny and Require only). */
  principal: z.array(principalCondition).max(8),
  /** A broken Deny or Require refuses what its methods and paths match; a broken Allow never matches (M7). */
  broken: z.boolean(),
})
export type AuthorizationRule = z.infer<typeof authorizationRule>
