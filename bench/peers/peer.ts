import type { Leaf } from '../../test/support/authority.ts'

/** What all proxies are asked to do; a peer that cannot do something does not take part in it. */
export type Skill = 'plain' | 'tls' | 'policy' | 'h2' | 'grpc' | 'websocket' | 'routes'

/** A proxy that takes part in the benchmark. */
export interface Peer {
  readonly name: string
  readonly version: string
  readonly skills: ReadonlySet<Skill>
  /** Of its first process; those that it started count with it. */
  readonly pid: number
  /** `secure` speaks TLS, with h2 where the peer can. */
  readonly ports: { readonly plain: number; readonly secure: number }
  close(): Promise<void>
}

/** Starts one peer. */
export interface PeerStart {
  readonly name: string
  readonly start: () => Promise<Peer>
}

/** What peers are configured with. */
export interface PeerSurroundings {
  readonly core: number
  /** Ports of the backends on 127.0.0.1, for HTTP/1.1 and for gRPC (h2c). */
  readonly backend: number
  readonly grpc: number
  /** A folder of this run. */
  readonly folder: string
  /** For api.shop.example. */
  readonly certificate: Leaf
  /** Of the tokens; its key set is JSON. */
  readonly issuer: string
  readonly jwks: string
}
