import { z } from 'zod'
import { caCertificateRefs, cidr, entryName, grantedSecretRef, hostname, port } from './common.ts'
import { atomic, labels, listMap } from './lists.ts'
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
/** Both have been read by one schema, which has written their keys in one order. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
const requiresProxy = ({ clientAddress }: Listener): boolean => clientAddress?.proxyProtocol === 'Require'
const samePlace = (a: Listener, b: Listener): boolean => a.port === b.port && a.hostname === b.hostname

/** The sockets of an installation. */
export const listeners = ruled(
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
    rule: 'self.all(a, self.filter(b, a.port == b.port).all(b, (has(a.clientAddress) && a.clientAddress.proxyProtocol == "Require") == (has(b.clientAddress) && b.clientAddress.proxyProtocol == "Require")))',
    message: 'listeners of one port must all require PROXY headers, or none of them',
    holds: (self) => self.every((a) => self.every((b) => a.port !== b.port || requiresProxy(a) === requiresProxy(b))),
  },
)
