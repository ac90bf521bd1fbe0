import { z } from 'zod'
import { backendAuth } from './backendAuth.ts'
import { balancing } from './balancing.ts'
import { name, timer } from './common.ts'
import { headerChanges } from './headerChanges.ts'
import { mirror } from './mirror.ts'
import { redirect, respond } from './ownAnswer.ts'
import { pathChange } from './pathChange.ts'
import { retry } from './retry.ts'
import { timeouts } from './timeouts.ts'

export const backend = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('Upstream'),
    weight: z.int().min(0).max(1000000),
    upstream: name,
    /** null = the gateway does not prove itself. */
    auth: backendAuth.nullable(),
    /** On top of what the rule changes. */
    requestHeaders: headerChanges.nullable(),
    responseHeaders: headerChanges.nullable(),
  }),
  /** A reference that cannot be resolved: its share of the requests is answered 500 `config-invalid`. */
  z.strictObject({ type: z.literal('Invalid'), weight: z.int().min(0).max(1000000) }),
])

export const action = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('Forward'),
    backends: z.array(backend).min(1).max(16),
    mirrors: z.array(mirror).max(8),
    /** What the backend gets other than what was matched; null = nothing. */
    rewrite: z
      .strictObject({
        /** What Host says, without port; null = the backend's own. */
        hostname: z.string().min(1).max(253).nullable(),
        path: pathChange.nullable(),
      })
      .nullable(),
    requestHeaders: headerChanges.nullable(),
    responseHeaders: headerChanges.nullable(),
    timeouts,
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
    /** null = one address after the other. */
    balancing: balancing.nullable(),
    /** What connections of clients may become. */
    upgrades: z.array(z.literal('websocket')).max(1),
  }),
  redirect,
  respond,
  z.strictObject({ type: z.literal('Refuse'), code: z.literal('config-invalid') }),
])

export type Action = z.infer<typeof action>
