import { z } from 'zod'
import { backendAuth } from './backendAuth.ts'
import { name, timer } from './common.ts'
import { retry } from './retry.ts'

export const backend = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('Upstream'),
    weight: z.int().min(0).max(1000000),
    upstream: name,
    /** null = the gateway does not prove itself. */
    auth: backendAuth.nullable(),
  }),
  /** A reference that cannot be resolved: its share of the requests is answered 500 `config-invalid`. */
  z.strictObject({ type: z.literal('Invalid'), weight: z.int().min(0).max(1000000) }),
])

export const action = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('Forward'),
    backends: z.array(backend).min(1).max(16),
    /** Milliseconds; 0 = no limit of its own. `request` is never 0 when the installation has a bound. */
    timeouts: z.strictObject({
      request: timer,
      backendRequest: timer,
      connect: timer,
      idle: timer,
      /** Of an answer whose length is not known beforehand, from the start of its request. */
      maxStreamAge: timer,
    }),
    /** null = a request is sent once. */
    retry: retry.nullable(),
    breaker: z
      .strictObject({
        errorPercent: z.int().min(1).max(100),
        minRequests: z.int().min(1),
        window: timer.min(1),
        openFor: timer.min(1),
        /** An answer that begins later counts as a fault, in milliseconds; null = how late does not matter. */
        slowCall: timer.min(1).nullable(),
      })
      .nullable(),
    /** Of the requests to each backend: how many run at the same time, and how many wait for that; null = no bound. */
    parallel: z.strictObject({ max: z.int().min(1), pending: z.int().min(0) }).nullable(),
  }),
  z.strictObject({ type: z.literal('Refuse'), code: z.literal('config-invalid') }),
])

export type Action = z.infer<typeof action>
