import { z } from 'zod'
import { caCertificateRefs, host, port, secretRef } from './common.ts'
import { listMap } from './lists.ts'
import { ruled } from './rule.ts'

const server = z
  .strictObject({
    host: host(
      'The host name or IPv4 address. Private addresses are as good as public ones; loopback needs outbound.allowLoopback.',
    ),
    port: port('The port.').default(6379),
  })
  .describe('A server.')

const redis = ruled(
  z
    .strictObject({
      topology: z
        .enum(['Single', 'Sentinel', 'Cluster'])
        .describe(
          'Single: one server. Sentinel: servers are Sentinels, which say who leads. Cluster: servers are some of its nodes; all counters of an installation lie on one of them.',
        ),
      servers: listMap(server, ['host', 'port'], { min: 1, max: 9 }, 'Where the store is.'),
      primary: z
        .string()
        .min(1)
        .max(128)
        .regex(/^[A-Za-z0-9._-]+$/)
        .optional()
        .describe('What the Sentinels call the group of servers that they watch.'),
      tls: z
        .strictObject({
          hostname: host(
            'Whom the certificate of every server must name, such as where Sentinels and Clusters name addresses. Absent = the host that is dialled.',
          ).optional(),
          caCertificateRefs: caCertificateRefs(
            'The authorities that servers are verified against. Absent = those of the system.',
          ).optional(),
        })
        .optional()
        .describe(
          'Absent = plain text: whoever can reach the network between can read keys and answer in place of the store.',
        ),
      secretRef: secretRef
        .describe(
          'A Secret of type gatehouse.dev/quota-store with password and, for another user than the default, username; sentinelPassword and sentinelUsername for the Sentinels. It names every server in its annotation gatehouse.dev/destination-hosts. Absent = no credential is sent.',
        )
        .optional(),
    })
    .describe('A Redis or Valkey.'),
  {
    rule: "(self.topology == 'Sentinel') == has(self.primary)",
    message: 'primary is required with topology: Sentinel, and only then',
    holds: (self) => (self.topology === 'Sentinel') === (self.primary !== undefined),
  },
  {
    rule: "self.topology != 'Single' || size(self.servers) == 1",
    message: 'topology: Single has one server',
    holds: (self) => self.topology !== 'Single' || self.servers.length === 1,
  },
)

/** Where the data planes of an installation count together. */
export const quotaStore = ruled(
  z
    .strictObject({
      type: z
        .enum(['Memory', 'Redis'])
        .describe(
          'Memory: each data plane by itself, so that no quota may say scope: Shared. Redis: a Redis or Valkey.',
        ),
      redis: redis.optional(),
    })
    .prefault({ type: 'Memory' })
    .describe('Where quotas with scope: Shared are counted.'),
  {
    rule: "(self.type == 'Redis') == has(self.redis)",
    message: 'redis is required with type: Redis, and only then',
    holds: (self) => (self.type === 'Redis') === (self.redis !== undefined),
  },
)
