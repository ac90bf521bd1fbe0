import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import {
  byteSize,
  caCertificateRefs,
  cidr,
  duration,
  entryName,
  grantedSecretRef,
  host,
  hostname,
  milliseconds,
  namespaceName,
  port,
} from './common.ts'
import { identityHeaderName } from './identity-header.ts'
import { atomic, labels, listMap, set } from './lists.ts'
import { ruled } from './rule.ts'

const clientCertificate = ruled(
  z
    .strictObject({
      mode: z
        .enum(['Off', 'Request', 'Require'])
        .describe(
          'Off asks for none. Request asks for one and accepts a connection without. Require refuses a connection without one.',
        ),
      caCertificateRefs: caCertificateRefs('The authorities that client certificates are verified against.').optional(),
    })
    .describe('Whether clients are asked for a certificate. Absent = none is asked for.'),
  {
    rule: "(self.mode == 'Off') == (!has(self.caCertificateRefs) || size(self.caCertificateRefs) == 0)",
    message: 'caCertificateRefs is required with mode Request or Require, and must be empty with mode Off',
    holds: (self) => (self.mode === 'Off') === ((self.caCertificateRefs?.length ?? 0) === 0),
  },
)

const tls = z
  .strictObject({
    certificateRefs: atomic(
      grantedSecretRef,
      { min: 1, max: 16 },
      'Secrets of type kubernetes.io/tls. The first that fits the server name of the connection is used.',
    ),
    minVersion: z.enum(['TLS1_2', 'TLS1_3']).default('TLS1_2').describe('The oldest TLS version that is spoken.'),
    clientCertificate: clientCertificate.optional(),
  })
  .describe('How TLS is spoken. Required for HTTPS.')

const namespaces = ruled(
  z
    .strictObject({
      from: z
        .enum(['Same', 'All', 'Selector'])
        .default('Same')
        .describe('Same is the namespace of this object. All is every namespace. Selector chooses by labels.'),
      selector: z
        .strictObject({ matchLabels: labels('Labels that a namespace must have, with exactly these values.') })
        .optional()
        .describe('Which namespaces, with from: Selector.'),
    })
    .prefault({})
    .describe('The namespaces whose routes may use this listener.'),
  {
    rule: "(self.from == 'Selector') == has(self.selector)",
    message: 'selector is required with from: Selector, and only then',
    holds: (self) => (self.from === 'Selector') === (self.selector !== undefined),
  },
)

const listener = ruled(
  z
    .strictObject({
      name: entryName('The name that routes use as sectionName.'),
      port: port('The TCP port to listen on.'),
      protocol: z.enum(['HTTP', 'HTTPS']).describe('What is spoken on the port.'),
      default: z
        .boolean()
        .default(false)
        .describe('Whether routes whose parentRefs name no sectionName use this listener.'),
      hostname: hostname(
        'The hosts served here: a name, or *. and a name. Of several listeners of a port the most specific alone serves a host. Absent = every host.',
      ).optional(),
      plaintextCredentials: z
        .enum(['Refuse', 'Allow'])
        .default('Refuse')
        .describe('Whether rules that ask for a credential may be served without TLS. Without meaning for HTTPS.'),
      tls: tls.optional(),
      allowedRoutes: z
        .strictObject({ namespaces })
        .prefault({})
        .describe('Which routes may use this listener. Default: those of the namespace of this object.'),
      clientAddress: ruled(
        z
          .strictObject({
            trustedCIDRs: atomic(
              cidr,
              { min: 0, max: 64 },
              'Proxies in front of the gateway that are believed about the address of the client. Absent = none.',
            ).optional(),
            proxyProtocol: z
              .enum(['Off', 'Require'])
              .default('Off')
              .describe(
                'Require: each connection begins with a PROXY header, version 1 or 2, of a trusted proxy, which tells where it comes from; any other ends.',
              ),
            header: z
              .enum(['XForwardedFor', 'Forwarded'])
              .default('XForwardedFor')
              .describe(
                'The only header in which they are believed: they must write this one, or the client does. X-Forwarded-For, or Forwarded (RFC 7239).',
              ),
            clusterCIDRs: atomic(
              cidr,
              { min: 0, max: 64 },
              'Addresses that many clients share, as those of nodes that hide where connections come from. A client with one of them, which no trusted proxy reports, is unknown: no allowed range holds it, and it is neither blocked nor counted by its address alone. Absent = none.',
            ).optional(),
          })
          .describe('How the address of the client is found. Default: the peer of the connection.'),
        {
          rule: "self.proxyProtocol == 'Off' || has(self.trustedCIDRs) && size(self.trustedCIDRs) > 0",
          message: 'proxyProtocol: Require needs trustedCIDRs',
          holds: ({ proxyProtocol, trustedCIDRs }) => proxyProtocol === 'Off' || (trustedCIDRs?.length ?? 0) > 0,
        },
      ).optional(),
      connections: z
        .strictObject({
          max: z
            .int()
            .min(1)
            .max(1000000)
            .default(10000)
            .describe('Most connections to the port at a time, of each data plane; more are ended at once.'),
          perClient: z
            .int()
            .min(1)
            .max(1000000)
            .optional()
            .describe(
              'Most of them from one client, IPv6 by /64. Proxies that are trusted and addresses of clusterCIDRs are not counted. Absent = max.',
            ),
        })
        .prefault({})
        .describe('How many connections are held. Listeners of one port must say the same.'),
    })
    .describe('A socket that requests come in by.'),
  {
    rule: "(self.protocol == 'HTTPS') == has(self.tls)",
    message: 'tls is required with protocol HTTPS, and only then',
    holds: (self) => (self.protocol === 'HTTPS') === (self.tls !== undefined),
  },
)

type Listener = z.output<typeof listener>
const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b)
const samePlace = (a: Listener, b: Listener): boolean => a.port === b.port && a.hostname === b.hostname

const listeners = ruled(
  listMap(listener, ['name'], { min: 1, max: 16 }, 'The sockets that requests come in by.'),
  {
    rule: 'self.all(a, self.filter(b, a.port == b.port).all(b, a.protocol == b.protocol))',
    message: 'listeners of one port must all have the same protocol',
    holds: (self) => self.every((a) => self.every((b) => a.port !== b.port || a.protocol === b.protocol)),
  },
  {
    rule: 'self.all(a, self.exists_one(b, a.port == b.port && (has(a.hostname) ? has(b.hostname) && a.hostname == b.hostname : !has(b.hostname))))',
    message: 'listeners of one port need different hostnames',
    holds: (self) => self.every((a) => self.filter((b) => samePlace(a, b)).length === 1),
  },
  {
    rule: 'self.all(a, self.filter(b, a.port == b.port).all(b, a.connections == b.connections))',
    message: 'listeners of one port must all have the same connections',
    holds: (self) => self.every((a) => self.every((b) => a.port !== b.port || same(a.connections, b.connections))),
  },
  {
    rule: "self.filter(a, has(a.clientAddress) && a.clientAddress.proxyProtocol == 'Require').all(a, self.filter(b, a.port == b.port).all(b, has(b.clientAddress) && a.clientAddress == b.clientAddress))",
    message: 'listeners of one port must all have the same clientAddress where one of them requires PROXY headers',
    holds: (self) =>
      self.every(
        (a) =>
          a.clientAddress?.proxyProtocol !== 'Require' ||
          self.every((b) => a.port !== b.port || same(a.clientAddress, b.clientAddress)),
      ),
  },
)

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
      .describe('Permits plain http fetches from loopback. For development only.'),
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
      })
      .prefault({})
      .describe(
        'How much one namespace may put into the configuration of the data planes. Older objects come first; what does not fit is refused (BudgetExceeded), and a rule whose policy does not fit answers 500.',
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
      lastGood,
    })
    .describe('One installation of the gateway: its listeners and its bounds.'),
  {
    rule: "self.tenancy == 'Shared' || !has(self.hosts) || size(self.hosts) == 0",
    message: 'hosts has no effect with tenancy: Single; remove it or use tenancy: Shared',
    holds: (self) => self.tenancy === 'Shared' || (self.hosts?.length ?? 0) === 0,
  },
)

export type GatehouseSpec = z.output<typeof gatehouseSpec>
export type GatehouseSpecInput = z.input<typeof gatehouseSpec>
