import { z } from 'zod'
import { cidr, name } from './common.ts'

/** One listening socket's share. Listeners of one address and port have one protocol and different hostnames. */
export const listener = z.strictObject({
  address: z.string().min(1).max(64),
  /** 0 asks the operating system for one (development and tests). */
  port: z.int().min(0).max(65535),
  protocol: z.enum(['HTTP', 'HTTPS']),
  /** Exact or `*.` wildcard, lower case; null = every host. */
  hostname: z.string().max(253).nullable(),
  tls: z
    .strictObject({
      /** Names of `certificate` resources, first match by SNI wins. Empty keeps the hostname and refuses its connections. */
      certificates: z.array(name).max(16),
      minVersion: z.enum(['TLS1_2', 'TLS1_3']),
      /** `trust` names a `trust` resource; null only when the mode is Off. */
      clientCertificate: z.strictObject({ mode: z.enum(['Off', 'Request', 'Require']), trust: name.nullable() }),
    })
    .nullable(),
  /** `Refuse`: a rule with any provider but anonymous answers 500 `config-invalid` here; meaningless with HTTPS (M6). */
  plaintextCredentials: z.enum(['Refuse', 'Allow']),
  clientAddress: z.strictObject({
    /** Peers that are believed in `header`. */
    trustedCIDRs: z.array(cidr).max(64),
    header: z.enum(['XForwardedFor', 'Forwarded']),
    /** Addresses that say nothing of the client unless a trusted peer reports them. */
    clusterCIDRs: z.array(cidr).max(64),
    /** `Require`: each connection begins with a PROXY header of a trusted peer, or ends. */
    proxyProtocol: z.enum(['Off', 'Require']),
  }),
  /** Of the socket, all listeners of which have the same. `perClient` null = no bound but `max`. */
  connections: z.strictObject({ max: z.int().min(1), perClient: z.int().min(1).nullable() }),
})

/** A server certificate: PEM chain, leaf first, and PEM private key. Secret. */
export const certificate = z.strictObject({ chain: z.string().max(65536), privateKey: z.string().max(16384) })

/** PEM certificates that a peer's chain may end in. Empty trusts nobody. */
export const trust = z.strictObject({ anchors: z.array(z.string().max(16384)).max(64) })
