import { z } from 'zod'

const server = z.strictObject({
  /** A name or an IP address. */
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65535),
})

const login = z.strictObject({
  /** null = the default user. */
  username: z.string().min(1).max(256).nullable(),
  password: z.string().min(1).max(4096),
})

/** The Redis or Valkey in which all data planes of an installation count together. Secret. */
export const quotaStore = z.strictObject({
  /** What all keys begin with, so that installations can share a store: `namespace/name`. */
  installation: z.string().min(3).max(320),
  topology: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('Single'), server }),
    /** The Sentinels, which say who leads what they call `primary`. */
    z.strictObject({
      type: z.literal('Sentinel'),
      sentinels: z.array(server).min(1).max(9),
      primary: z.string().min(1).max(128),
      login: login.nullable(),
    }),
    /** Some nodes, which know the others. */
    z.strictObject({ type: z.literal('Cluster'), nodes: z.array(server).min(1).max(9) }),
  ]),
  /** null = plain text. */
  tls: z
    .strictObject({
      /** PEM certificates in place of the system's authorities, none of which trusts nobody; null = the system's. */
      anchors: z.array(z.string().max(65_536)).max(64).nullable(),
      /** Whom the certificate of every server must name; null = the host that is dialled. */
      hostname: z.string().min(1).max(253).nullable(),
    })
    .nullable(),
  /** null = no credential is sent. */
  login: login.nullable(),
})
export type QuotaStore = z.infer<typeof quotaStore>
