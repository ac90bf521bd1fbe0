import { z } from 'zod'
import { port } from './common.ts'

const endpoint = z.strictObject({
  address: z.string().min(1).max(64),
  port,
  /** The zones that are to send here; empty = nobody says. */
  zones: z.array(z.string().min(1).max(63)).max(8),
  /** True for one that is about to end and still serves: it is asked only while there is no other. */
  draining: z.boolean(),
})
export type Endpoint = z.infer<typeof endpoint>

/** Addresses of an upstream that serve. Empty = 503 `no-endpoint`. */
export const endpoints = z.strictObject({ addresses: z.array(endpoint).max(5000) })

/** Where requests go: a Service port. Its addresses lie in the `endpoints` resource of the same name. */
export const upstream = z.strictObject({
  namespace: z.string().min(1).max(63),
  service: z.string().min(1).max(253),
  port,
  protocol: z.literal('HTTP1'),
  /** True for a development target given by hand, which may be on loopback (M13). */
  exemptFromAddressRules: z.boolean(),
})
