import { z } from 'zod'
import { name, port } from './common.ts'

const endpoint = z.strictObject({
  address: z.string().min(1).max(64),
  port,
  /** The zones that are to send here; empty = nobody says. */
  zones: z.array(z.string().min(1).max(63)).max(8),
  /** True for one that is about to end and still serves: it is asked only while there is no other. */
  draining: z.boolean(),
})
export type Endpoint = z.infer<typeof endpoint>

/** Addresses of an upstream that serve. Empty = 503 `no-endpoint`. */
export const endpoints = z.strictObject({ addresses: z.array(endpoint).max(5000) })

const hostName = z.string().min(1).max(253)

/** A name that a server's certificate may have: a host name, or a URI that is compared byte for byte. */
const serverName = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('Hostname'), hostname: hostName }),
  z.strictObject({ type: z.literal('URI'), uri: z.string().min(1).max(1024) }),
])
export type ServerName = z.infer<typeof serverName>

/** Who an upstream must prove to be. There is no way to leave it out. */
export const upstreamTls = z.strictObject({
  /** What is asked for (SNI), and the name of the certificate unless `subjectAltNames` say another. */
  hostname: hostName,
  /** A `trust` resource; null = the system's certificate authorities. */
  trust: name.nullable(),
  /** Names of which the certificate must have one, in place of `hostname`; empty = `hostname`. */
  subjectAltNames: z.array(serverName).max(5),
  /** A `certificate` resource that is shown to a server which asks; null = none. */
  clientCertificate: name.nullable(),
})

/** Where requests go. */
export const upstream = z.strictObject({
  /** Whose it is: state of one namespace is never seen by another (M16). */
  namespace: z.string().min(1).max(63),
  /** Whose backend it is: the namespace of its Service, or the one that names a host outside. */
  owner: z.string().min(1).max(63),
  /** What Host says to it (M10). */
  authority: z.string().min(1).max(400),
  /** `HTTP2` only with `tls`, by ALPN; `H2C` only without, by prior knowledge. */
  protocol: z.enum(['HTTP1', 'HTTP2', 'H2C']),
  /** null = plain text. */
  tls: upstreamTls.nullable(),
  /** A host of which the name is resolved for each connection; null = the `endpoints` of the same name hold addresses. */
  host: z.strictObject({ name: hostName, port, addresses: z.enum(['Public', 'Private']) }).nullable(),
  /** True for a development target given by hand, which may be on loopback (M13). */
  exemptFromAddressRules: z.boolean(),
})
