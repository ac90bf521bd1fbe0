/** What a verified TLS client certificate says; `null` where there is none or its chain does not verify. */
export interface ClientCertificate {
  /** SHA-256 of the leaf's DER, lower-case hex: the subject when no SAN identifies it. */
  readonly fingerprint: string
  /** When it stops being valid, milliseconds since the epoch. */
  readonly notAfter: number
  /** Typed SANs from the certificate's DER, never from its printed text. */
  readonly uris: readonly string[]
  /** Lower case. */
  readonly dnsNames: readonly string[]
  /** One `@`, the domain in lower case. */
  readonly emails: readonly string[]
  /** Canonical. */
  readonly addresses: readonly string[]
  /** SHA-256 of the DER of the anchor that the verified chain ends in; empty = it cannot be told, and fits no narrower trust. */
  readonly anchor: string
}

/** What is known of a connection before its first request. */
export interface ConnectionFacts {
  /**
   * Name of the listener: with TLS the one of the connection, by SNI; without TLS the one of the request, by its host, and
   * before that is known one of the socket.
   */
  readonly listener: string
  /** The socket that it came in by; see `socketOf`. */
  readonly socket: string
  readonly scheme: 'http' | 'https'
  /** The peer's address, canonical: IPv4-mapped IPv6 as IPv4. Behind a PROXY header the one that it announces. */
  readonly peerAddress: string
  /** Whether a trusted proxy has announced the peer's address. */
  readonly announced: boolean
  /** Lower-case SNI; null without TLS or without SNI. */
  readonly serverName: string | null
  readonly clientCertificate: ClientCertificate | null
  /** Name of the `certificate` resource that was presented; null without TLS. */
  readonly certificate: string | null
  /** Hash of the `trust` resource that client certificates were verified against; null = none were asked for. */
  readonly trustHash: string | null
}

/** A request as it came in; nothing in it is trusted. */
export interface RawRequest {
  readonly method: string
  /** The request-target, byte for byte. */
  readonly target: string
  readonly httpVersion: string
  /** Name, value, name, value … in the order and case received. */
  readonly rawHeaders: readonly string[]
  readonly connection: ConnectionFacts
  /** The gateway's own id of this request. */
  readonly id: string
}

/** A request whose form is sound (M8): the only thing that matching, policy, keys, log and forwarding look at. */
export interface RequestFacts {
  readonly id: string
  readonly method: string
  /** Lower case, without port, IPv6 in brackets. */
  readonly host: string
  /** As sent, with port: what X-Forwarded-Host says. */
  readonly authority: string
  /** The one canonical path. */
  readonly path: string
  /** With the leading `?`, byte for byte as sent; empty = none. */
  readonly query: string
  readonly rawHeaders: readonly string[]
  /** Values by lower-case name, in order of appearance. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  /** The address that quotas and source rules see: the peer, or what a trusted peer reports; null = it cannot be told. */
  readonly clientAddress: string | null
  /** What trusted peers report of the way here, client first, and what is passed on; empty = nothing. */
  readonly forwardedFor: readonly string[]
  readonly connection: ConnectionFacts
}
