import { Pool } from 'undici'
import type { Clock } from '../clock.ts'
import type { Gateway, UpstreamView } from '../gateway/gateway.ts'
import { rulesOf } from './addressRules.ts'
import { boundedDial } from './boundedDial.ts'
import type { Resolve } from './checkedDialer.ts'
import type { Connections } from './connections.ts'
import { connectorOf, open, type Dial } from './dial.ts'
import { hostDial } from './hostDial.ts'
import { Http2Connections } from './http2Connections.ts'
import type { NamespaceLoads } from './namespaceLoads.ts'
import { tlsOptions } from './upstreamTls.ts'

/** An address of an upstream: an IP address, or the name of a host that is resolved for each connection. */
export interface UpstreamAddress {
  readonly address: string
  readonly port: number
}

/** Where connections go. */
export interface DialTarget {
  /** Whose address rules hold. */
  readonly gateway: Gateway
  readonly address: UpstreamAddress
  /** Of a connection attempt, milliseconds. */
  readonly timeout: number
}

/** What connections are made with beside the upstream. */
export interface ConnectionSources {
  readonly clock: Clock
  readonly resolve: Resolve
  /** Most connections to one address. */
  readonly maxConnections: number
  readonly loads: NamespaceLoads
}

/** How long one connection to a host outside is used, in milliseconds: until then its name may stand for another one. */
const hostLife = 60_000

/**
 * How long an upstream whose connection stands may take to say what it allows, in milliseconds. A process that has just
 * begun to listen may be busy with its start; the exchange keeps the shorter deadlines of a request.
 */
const patience = 10_000

/**
 * Connections to one address of an upstream.
 *
 * @throws when certificates or key of the upstream cannot be read
 */
export function connectionsTo(upstream: UpstreamView, target: DialTarget, sources: ConnectionSources): Connections {
  const { spec } = upstream
  const dial = boundedDial(dialTo(upstream, target, sources), () => sources.loads.of(spec.namespace))
  if (spec.protocol !== 'HTTP1')
    return new Http2Connections({ dial, secure: spec.tls !== null, timeout: patience, clock: sources.clock })
  // Without a name and without TLS, so that undici has nothing to look at: it would take the name for SNI from Host.
  return new Pool('http://upstream', {
    connections: sources.maxConnections,
    connect: connectorOf(dial),
    allowH2: false,
    pipelining: 1,
    // The exchange keeps the deadlines: they must also cover the wait for a connection.
    headersTimeout: 0,
    bodyTimeout: 0,
    ...(spec.host && { clientTtl: hostLife }),
  })
}

function dialTo(
  { spec, tls }: UpstreamView,
  { gateway, address, timeout }: DialTarget,
  sources: ConnectionSources,
): Dial {
  const secured = tls && tlsOptions(tls, spec.protocol === 'HTTP1' ? 'http/1.1' : 'h2')
  if (spec.host === null) return () => open({ ...address, tls: secured }, timeout)
  return hostDial({ ...spec.host, rules: rulesOf(gateway), tls: secured }, timeout, sources)
}
