import { sameJson } from './memo.ts'

/** Where a socket or a backend is. */
export interface HostPort {
  /** An IP address. */
  readonly address: string
  readonly port: number
}

/** What a compilation depends on beside the world. */
export interface CompileOptions {
  /** The address that listeners bind to. */
  readonly address: string
  /** Moves the first listener of a protocol, and those that share its port, elsewhere; null leaves it. */
  readonly listen: { readonly HTTP: HostPort | null; readonly HTTPS: HostPort | null }
  /**
   * Backends given by hand, by `namespace/service:port` or `namespace/service`: they stand for the Service, which need
   * not exist, and are exempt from the address rules of M13.
   */
  readonly upstreams: ReadonlyMap<string, HostPort>
  /** Ranges that are never dialled: the API server and Gatehouse itself. */
  readonly deniedAddresses: readonly string[]
  /** True when the world is a folder in which a missing object proves nothing: `Unknown/NotInFolder`. */
  readonly folder: boolean
  /** The largest snapshot, in bytes; default what fits into a message to a data plane. */
  readonly snapshotBytes?: number
}

/** The Gatehouse object that is compiled for. */
export interface InstallationRef {
  readonly namespace: string
  readonly name: string
}

/** Whether everything is compiled alike under both. */
export const sameOptions = (a: CompileOptions, b: CompileOptions): boolean =>
  a.upstreams === b.upstreams && sameJson({ ...a, upstreams: null }, { ...b, upstreams: null })
