/** Bounds on what a client connection may cost. Times in milliseconds. */
export interface ConnectionLimits {
  /** From the first byte of a request's head, or the connection's beginning, to the head's end. */
  readonly headersTimeout: number
  /** Between requests; longer than that of common load balancers, which must be the first to close. */
  readonly keepAliveTimeout: number
  /** For the ClientHello, and again for the rest of the handshake. */
  readonly handshakeTimeout: number
  /** For a client to go on reading an answer that is complete. */
  readonly unreadTimeout: number
  /** For the next request, once the port is closing; so that few clients ask just when their connection is ended. */
  readonly farewellTimeout: number
  /** How often the times above are looked at. */
  readonly checkInterval: number
}

export const defaultLimits: ConnectionLimits = {
  headersTimeout: 15_000,
  keepAliveTimeout: 75_000,
  handshakeTimeout: 10_000,
  unreadTimeout: 30_000,
  farewellTimeout: 5_000,
  checkInterval: 1_000,
}
