import { z } from 'zod'
import {
  byteSize,
  caCertificateRefs,
  cidr,
  duration,
  host,
  hostname,
  milliseconds,
  namespaceName,
  port,
} from './common.ts'
import { identityHeaderName } from './identity-header.ts'
import { atomic, listMap, set } from './lists.ts'
import { listeners } from './listener.ts'
import { quotaStore } from './quota-store.ts'
import { ruled } from './rule.ts'
import { usage } from './usage.ts'

const namespaceList = (description: string) => set(namespaceName('A namespace.'), { min: 1, max: 64 }, description)

const hosts = listMap(
  z
    .strictObject({
      pattern: hostname('The hosts that are bound: a name, or *. and a name.'),
      namespaces: namespaceList('The namespaces that may serve these hosts; they trust each other.'),
    })
    .describe('Binds hosts to namespaces. The most specific binding of a host alone decides.'),
  ['pattern'],
  { min: 0, max: 256 },
  'Which namespaces may serve which hosts. With tenancy: Shared a host without a binding is served by nobody. Absent = no bindings.',
)

const outbound = z
  .strictObject({
    allowedHosts: listMap(
      z
        .strictObject({
          host: host('The host name or IPv4 address, exactly as the URL writes it, in lower case.'),
          port: port('The port of the URL.').default(443),
          namespaces: namespaceList(
            'The namespaces whose policies may fetch from this host, and whose routes may go to it.',
          ),
          addresses: z
            .enum(['Public', 'Private'])
            .default('Public')
            .describe(
              'Public refuses a host that resolves to a private address. Private permits private addresses too.',
            ),
          caCertificateRefs: caCertificateRefs(
            'The authorities that the host is verified against, in place of those of the system. Absent = those of the system.',
          ).optional(),
        })
        .describe('A host outside the cluster that the gateway may connect to.'),
      ['host', 'port'],
      { min: 0, max: 64 },
      'The hosts outside the cluster that the gateway may connect to: to fetch from them, as key sets, and as backends by url. Absent = none.',
    ).optional(),
    podCIDRs: atomic(cidr, { min: 0, max: 64 }, 'Where endpoints of Services must lie. Absent = anywhere.').optional(),
    allowLoopback: z
      .boolean()
      .default(false)
      .describe(
        'Permits loopback: plain http to what is fetched and to backends by url, and a quotaStore there. For development only.',
      ),
  })
  .prefault({})
  .describe('What the gateway may connect to, beside the endpoints of Services.')

const bounds = z
  .strictObject({
    maxTimeout: duration(
      'The longest timeout that a route may ask for; longer ones are cut to it. 0s = no bound.',
    ).default('60s'),
    maxRetries: z
      .int()
      .min(0)
      .max(10)
      .default(5)
      .describe('The most retries that a route may ask for; more are cut to it. 0 = no request is sent again.'),
    maxBodySize: byteSize(
      'The largest body of a request, on every route; a policy that asks for more is held to it.',
    ).default('10Mi'),
    perNamespace: z
      .strictObject({
        routeBytes: byteSize(
          'What the routes of a namespace and the endpoints behind them may take up at the data planes. A quarter of it is kept for refusing, match by match, what is beyond.',
        ).default('4Mi'),
        policyBytes: byteSize(
          'What the policies of a namespace and the keys and authorities that they name may take up at the data planes.',
        ).default('4Mi'),
        quotaKeys: z
          .int()
          .min(1000)
          .max(1_000_000)
          .default(100_000)
          .describe(
            'How many keys of all quotas of the policies of a namespace each data plane counts by themselves, half of them in one counter; keys beyond share a count of each counter. Each takes about 50 bytes of its memory, and with a key of headers as much as the value.',
          ),
        parallelRequests: z
          .int()
          .min(1)
          .max(100_000)
          .default(500)
          .describe(
            "How many requests of the routes of a namespace, streams included, may be under way towards backends at each data plane; beyond it they are answered 503. To backends of a namespace go at most twice as many connections, idle ones included. Each can hold about 0.4 MB of a data plane's memory.",
          ),
      })
      .prefault({})
      .describe(
        'How much one namespace may take up at the data planes. Of what is too much configuration older objects come first; what does not fit is refused (BudgetExceeded), and a rule whose policy does not fit answers 500.',
      ),
  })
  .prefault({})
  .describe('Limits for what routes and policies may ask for.')

const lastGood = ruled(
  z
    .strictObject({
      secrets: z
        .enum(['Keep', 'Omit'])
        .default('Keep')
        .describe(
          'Keep writes certificates and hashes of API keys too, beside the rest. Omit does not: after a restart without a controller the TLS listeners stay closed, and the gateway is not ready.',
        ),
      maxAge: duration(
        'How long a gateway serves after the controller last confirmed the configuration, whether or not it was restarted. The controller confirms it at least three times as often. 0s = for ever.',
      ).default('0s'),
    })
    .prefault({})
    .describe(
      'What a gateway keeps on its own volume, to serve after a restart of its container while no controller answers.',
    ),
  {
    rule: "duration(self.maxAge) == duration('0s') || duration(self.maxAge) >= duration('1m')",
    message: 'maxAge must be 0s or at least 1m',
    holds: ({ maxAge }) => milliseconds(maxAge) === 0 || milliseconds(maxAge) >= 60_000,
  },
)

export const gatehouseSpec = ruled(
  z
    .strictObject({
      listeners,
      tenancy: z
        .enum(['Shared', 'Single'])
        .default('Shared')
        .describe(
          'Shared: a host belongs to the namespaces that hosts binds it to. Single: one trust domain, any namespace may serve any host.',
        ),
      hosts: hosts.optional(),
      outbound,
      identityHeaders: set(
        identityHeaderName,
        { min: 0, max: 32 },
        'The only header names that a policy may set as identity. They are removed from every incoming request. Absent = none.',
      ).optional(),
      bounds,
      quotaStore,
      lastGood,
      usage: usage.optional(),
    })
    .describe('One installation of the gateway: its listeners and its bounds.'),
  {
    rule: "self.tenancy == 'Shared' || !has(self.hosts) || size(self.hosts) == 0",
    message: 'hosts has no effect with tenancy: Single; remove it or use tenancy: Shared',
    holds: (self) => self.tenancy === 'Shared' || (self.hosts?.length ?? 0) === 0,
  },
  {
    rule: "self.outbound.allowLoopback || !has(self.quotaStore.redis) || self.quotaStore.redis.servers.all(s, s.host != 'localhost' && !s.host.matches('^127([.][0-9]+){3}$'))",
    message: 'a quotaStore on loopback is not dialled without outbound.allowLoopback: true',
    holds: ({ outbound: { allowLoopback }, quotaStore: { redis } }) =>
      allowLoopback || !(redis?.servers ?? []).some((one) => /^(localhost|127([.]\d+){3})$/.test(one.host)),
  },
)

export type GatehouseSpec = z.output<typeof gatehouseSpec>
export type GatehouseSpecInput = z.input<typeof gatehouseSpec>
