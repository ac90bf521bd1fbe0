import { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { RefusedResource, ResourceSpec } from '@gatehouse/contract'
import type { ClientCertificate } from '../gateway/facts.ts'
import type { Presentable } from '../gateway/serverName.ts'
import { clientCertificateOf } from './clientCertificate.ts'
import { tlsTerminator, type TlsTerminator } from './tlsTerminator.ts'

/** What TLS listeners are made from beside their own resource. */
export interface TlsResources {
  readonly certificates: ReadonlyMap<string, ResourceSpec<'certificate'>>
  /** With the hash of the resource. */
  readonly trusts: ReadonlyMap<string, { readonly spec: ResourceSpec<'trust'>; readonly hash: string }>
}

/** What a finished handshake has shown. */
export interface TlsFacts {
  /** Name of the `certificate` resource that was presented. */
  readonly certificate: string
  readonly clientCertificate: ClientCertificate | null
  readonly trustHash: string | null
}

/** The TLS side of one listener. */
export interface TlsListener {
  /** What it can present, in the order in which it is tried. */
  readonly certificates: readonly Presentable[]
  /** Hash of the `trust` resource that client certificates are verified against; null = none are asked for. */
  readonly trustHash: string | null
  /**
   * Begins the handshake.
   *
   * @param certificate - name of one of `certificates`
   */
  accept(transport: Socket, certificate: string, secured: (socket: TLSSocket, facts: TlsFacts) => void): void
}

type Tls = NonNullable<ResourceSpec<'listener'>['tls']>
type Refuse = (resource: string, reason: RefusedResource['reason']) => void

interface Trust {
  readonly hash: string | null
  readonly anchors: readonly X509Certificate[]
}

interface Terminating extends Presentable {
  readonly terminator: TlsTerminator
}

/**
 * Builds the TLS side of a listener. A part that cannot be built is reported and never made up for: without its trust, a
 * listener that asks for client certificates takes no connection.
 */
export function tlsListener(
  tls: Tls,
  resources: TlsResources,
  handshakeTimeout: number,
  refused: RefusedResource[],
): TlsListener {
  const refuse: Refuse = (resource, reason) => refused.push({ resource, field: '', reason })
  const trust = trustOf(tls.clientCertificate, resources, refuse)
  const certificates = trust === null ? [] : terminating({ tls, trust, handshakeTimeout }, resources, refuse)
  return {
    certificates,
    trustHash: trust?.hash ?? null,
    accept: (transport, certificate, secured) => {
      const chosen = certificates.find(({ name }) => name === certificate)
      if (chosen === undefined || trust === null) {
        transport.destroy()
        return
      }
      chosen.terminator.accept(transport, (socket) => {
        const clientCertificate = socket.authorized ? clientCertificateOf(socket, trust.anchors) : null
        secured(socket, { certificate, clientCertificate, trustHash: trust.hash })
      })
    },
  }
}

/** @returns null when client certificates are asked for and nothing says whom to trust */
function trustOf(settings: Tls['clientCertificate'], resources: TlsResources, refuse: Refuse): Trust | null {
  if (settings.mode === 'Off') return { hash: null, anchors: [] }
  const trust = settings.trust === null ? undefined : resources.trusts.get(settings.trust)
  if (trust === undefined) {
    refuse(`trust/${settings.trust ?? ''}`, 'MissingReference')
    return null
  }
  try {
    return { hash: trust.hash, anchors: trust.spec.anchors.map((pem) => new X509Certificate(pem)) }
  } catch {
    refuse(`trust/${settings.trust}`, 'InvalidValue')
    return null
  }
}

function terminating(
  { tls, trust, handshakeTimeout }: { readonly tls: Tls; readonly trust: Trust; readonly handshakeTimeout: number },
  resources: TlsResources,
  refuse: Refuse,
): Terminating[] {
  const found: Terminating[] = []
  const anchors = trust.anchors.map((anchor) => anchor.toString())
  for (const name of tls.certificates) {
    const certificate = resources.certificates.get(name)
    if (certificate === undefined) {
      refuse(`certificate/${name}`, 'MissingReference')
      continue
    }
    try {
      const { mode } = tls.clientCertificate
      const settings = { certificate, minVersion: tls.minVersion, mode, anchors, handshakeTimeout }
      const terminator = tlsTerminator(settings)
      found.push({ name, leaf: terminator.leaf, terminator })
    } catch {
      refuse(`certificate/${name}`, 'InvalidValue')
    }
  }
  return found
}
