import { lookup } from 'node:dns'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { buildConnector } from 'undici'
import { isLoopback, mayFetchFrom, type AddressRules } from './addressRules.ts'

/** Resolves a name to every address that it has. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** The operating system's resolver. */
export const systemResolve: Resolve = (host) =>
  new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, found) => {
      if (error === null) resolve(found.map(({ address }) => address))
      else reject(error)
    })
  })

export interface DialOptions {
  readonly rules: AddressRules
  /** What the host may resolve to. */
  readonly addresses: 'Public' | 'Private'
  /** PEM certificates in place of the system's authorities; null = the system's. */
  readonly anchors: readonly string[] | null
  readonly resolve: Resolve
  /** Ends an attempt. */
  readonly signal: AbortSignal
}

/** An address that must not be dialled (M13). */
export class ForbiddenAddress extends Error {}

const hostName = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?$/

/** How long one of several addresses is tried, in milliseconds. */
const attemptTimeout = 2000

/**
 * Opens connections for undici to checked addresses only (M13). The name is resolved here, once, and an address that was
 * checked is the one that is dialled; a literal address is checked like a resolved one, and so is what the socket says
 * that it is connected to.
 */
export function checkedDialer(options: DialOptions): buildConnector.connector {
  return ({ hostname, port, protocol }, callback) => {
    const target = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), secure: protocol === 'https:' }
    dial(target, options).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error instanceof Error ? error : new ForbiddenAddress(), null),
    )
  }
}

interface Target {
  readonly host: string
  readonly port: number
  readonly secure: boolean
}

async function dial(target: Target, options: DialOptions): Promise<Socket> {
  let last: unknown = new ForbiddenAddress('the host has no address that may be dialled')
  for (const address of await allowedAddresses(target, options)) {
    try {
      return await open(address, target, options)
    } catch (error) {
      last = error
    }
  }
  throw last
}

async function allowedAddresses({ host, secure }: Target, options: DialOptions): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host].filter((address) => isAllowed(address, secure, options))
  // NUL and other odd characters never reach the resolver, which may end a name at one.
  if (!hostName.test(host)) return []
  return (await options.resolve(host)).filter((address) => isAllowed(address, secure, options))
}

/** Without TLS nothing but loopback. */
const isAllowed = (address: string, secure: boolean, { rules, addresses }: DialOptions): boolean =>
  mayFetchFrom(rules, address, addresses) && (secure || isLoopback(address))

function open(address: string, target: Target, options: DialOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = socketTo(address, target, options.anchors)
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(attemptTimeout)])
    const abandon = (): void => void socket.destroy(new Error('the attempt took too long'))
    signal.addEventListener('abort', abandon, { once: true })
    if (signal.aborted) abandon()
    socket.once('error', reject)
    socket.once(target.secure ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', abandon)
      socket.off('error', reject)
      // Whoever takes the socket listens a few steps later; an error before that must not end the process.
      socket.on('error', ignore)
      if (isAllowed(socket.remoteAddress ?? '', target.secure, options)) {
        resolve(socket)
        return
      }
      socket.destroy()
      reject(new ForbiddenAddress('the connection went elsewhere'))
    })
  })
}

/** The certificate must be for the name, and for the address where the address is all there is. */
function socketTo(address: string, { host, port, secure }: Target, anchors: DialOptions['anchors']): Socket {
  if (!secure) return connectTcp({ host: address, port })
  return connectTls({
    host: address,
    port,
    servername: isIP(host) === 0 ? host.replace(/\.$/, '') : '',
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(anchors === null ? {} : { ca: [...anchors] }),
  })
}

const ignore = (): void => {}
