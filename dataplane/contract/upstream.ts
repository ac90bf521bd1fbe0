import { z } from 'zod'
import { port } from './common.ts'

/** Ready addresses of an upstream. Empty = 503 `no-endpoint`. */
export const endpoints = z.strictObject({
  addresses: z.array(z.strictObject({ address: z.string().min(1).max(64), port })).max(5000),
})

/** Where requests go: a Service port. Its addresses lie in the `endpoints` resource of the same name. */
export const upstream = z.strictObject({
  namespace: z.string().min(1).max(63),
  service: z.string().min(1).max(253),
  port,
  protocol: z.literal('HTTP1'),
  /** True for a development target given by hand, which may be on loopback (M13). */
  exemptFromAddressRules: z.boolean(),
})
