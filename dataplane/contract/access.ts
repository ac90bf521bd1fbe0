import { z } from 'zod'
import { name } from './common.ts'

/**
 * How wide a policy's target is: 0 Gatehouse, 1 Namespace named by the installation, 2 Namespace, 3 GatewayRoute,
 * 4 rule. A check believes only principals of a provider whose level is at most its own (M5).
 */
export const level = z.int().min(0).max(4)

const attachment = z.strictObject({ policy: name, level })
export type Attachment = z.infer<typeof attachment>

/** All providers of one policy, and those that it uses of wider ones; each stays what it is where it is defined (M5). */
const providerChoice = attachment.extend({
  use: z.array(attachment.extend({ provider: name })).max(16),
})
export type ProviderChoice = z.infer<typeof providerChoice>

export const access = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('Refuse'), code: z.enum(['no-policy', 'config-invalid']) }),
  z.strictObject({
    type: z.literal('Enforce'),
    /** The providers in force (narrowest wins, within the bounds of every wider level). */
    authentication: providerChoice,
    /** The policy whose Allow rules decide (narrowest wins). */
    allow: attachment,
    /** The policy whose identity headers are written (narrowest wins); null = none. */
    identityHeaders: attachment.nullable(),
    /**
     * The policies whose cors is in force, the narrowest first, one a level: the first decides, and an origin must be
     * one of all. Empty = none is.
     */
    cors: z.array(attachment).max(5),
    /** Every policy in force, widest first: all their Deny and Require rules and quotas must pass. */
    policies: z.array(attachment).min(1).max(64),
  }),
])
export type Access = z.infer<typeof access>
