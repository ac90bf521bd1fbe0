import { z } from 'zod'
import { cidr, claimPath, methods, name, pathMatch, text } from './common.ts'
import { subjectAltNames } from './subjectAltName.ts'

const values = z.array(text).min(1).max(64)

const quantified = z.union([z.strictObject({ anyOf: values }), z.strictObject({ allOf: values })])

export const principalCondition = z.discriminatedUnion('attribute', [
  z.strictObject({
    attribute: z.enum(['Role', 'Scope', 'Group', 'Tenant', 'Plan', 'Provider']),
    values: quantified,
  }),
  z.strictObject({ attribute: z.literal('Claim'), path: claimPath, values: quantified }),
  z.strictObject({ attribute: z.literal('TrustLevel'), min: z.int().min(0) }),
  /** Of the connection, whatever provider verified the caller. */
  z.strictObject({ attribute: z.literal('ClientCertificate'), subjectAltNames }),
  z.strictObject({ attribute: z.enum(['Authenticated', 'Anyone']) }),
])
export type PrincipalCondition = z.infer<typeof principalCondition>

/** All must hold. */
const conditions = z.array(principalCondition).max(8)

/** CEL over request and caller; see `@gatehouse/language/cel`. */
const expression = z.string().min(1).max(2048)

/** What takes a request out of a Deny: all that is not null must hold, and what is lacking does not (M4). */
const unless = z.strictObject({
  sourceCIDRs: z.array(cidr).min(1).max(64).nullable(),
  principal: conditions.min(1).nullable(),
  expression: expression.nullable(),
})

export const authorizationRule = z.strictObject({
  name,
  action: z.enum(['Deny', 'Require', 'Allow']),
  methods,
  /** null = any path. */
  paths: z.array(pathMatch).min(1).max(16).nullable(),
  /** Empty = no condition (Deny and Require only). */
  principal: conditions,
  /** Must hold too; null = no condition. */
  expression: expression.nullable(),
  /** Only of a Deny. */
  unless: unless.nullable(),
  /** A broken Deny or Require refuses what its methods and paths match; a broken Allow never matches (M7). */
  broken: z.boolean(),
})
export type AuthorizationRule = z.infer<typeof authorizationRule>
