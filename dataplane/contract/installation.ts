import { z } from 'zod'
import { cidr, milliseconds, name } from './common.ts'

/** What a data plane keeps for the time after a restart without a controller. */
export const lastGood = z.strictObject({
  /** `Omit`: secret resources are not written, and what needs them stays closed until a controller answers. */
  secrets: z.enum(['Keep', 'Omit']),
  /** Milliseconds after its publication in which a revision may serve; 0 = for ever. */
  maxAge: milliseconds,
})
export type LastGood = z.infer<typeof lastGood>

/** Settings of the whole installation. There is exactly one, named `installation`. */
export const installation = z.strictObject({
  /** What a request gets where no policy speaks. The only value in this contract version. */
  defaultAccess: z.literal('Deny'),
  /** Lower-case names that only the gateway may write; removed from every incoming request (M10). */
  identityHeaders: z.array(name).max(64),
  /** `Shared`: a host serves only the namespaces of its most specific binding. `Single`: any namespace, any host (M6). */
  tenancy: z.enum(['Shared', 'Single']),
  hosts: z.array(z.strictObject({ pattern: name, namespaces: z.array(name).max(1024) })).max(4096),
  outbound: z.strictObject({
    /** Where Service endpoints must lie; empty = any address that M13 does not refuse. */
    podCIDRs: z.array(cidr).max(64),
    /** Permits plain http fetches from loopback (M13). */
    allowLoopback: z.boolean(),
    /** Addresses never dialled: the API server and Gatehouse itself. */
    deniedAddresses: z.array(cidr).max(10_000),
  }),
  /** Most bytes of a request's body, on every route. */
  maxBodySize: z.int().min(0),
  /** Most requests of the routes of one namespace that are under way at the same time; twice as many connections. */
  parallelRequests: z.int().min(0),
  /** Most keys of quotas that the policies of one namespace count by themselves; beyond, keys share a count. */
  quotaKeys: z.int().min(0),
  lastGood,
  /** The reserved path at which callers learn what their quotas have left; null = nowhere. */
  usage: z
    .string()
    .regex(/^\/\.well-known\/gatehouse\/[a-z][a-z0-9-]*$/)
    .nullable(),
})
