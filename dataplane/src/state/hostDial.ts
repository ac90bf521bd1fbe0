import { isIP, type Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { Clock } from '../clock.ts'
import { isLoopback, mayFetchFrom, type AddressRules } from './addressRules.ts'
import { ForbiddenAddress, type Resolve } from './checkedDialer.ts'
import { open, timedOut, type Dial } from './dial.ts'

/** A host outside the cluster, and what may be dialled for it (M13). */
export interface HostTarget {
  /** A name or an IPv4 address. */
  readonly name: string
  readonly port: number
  /** What the name may resolve to. */
  readonly addresses: 'Public' | 'Private'
  readonly rules: AddressRules
  /** null = plain text, which goes to loopback alone. */
  readonly tls: ConnectionOptions | null
}

/** How long the addresses of a name are used again, in milliseconds. */
const addressLife = 10_000
/** How long they are used again where the name can no longer be resolved. */
const staleLife = 300_000
/** Most addresses of a name that are tried. */
const maxTries = 4

/**
 * Opens connections to a host: the name is resolved again every few seconds, and each connection is made to an address
 * that was checked, and checked again once it stands. A name that stops resolving keeps its addresses for a while.
 *
 * @param timeout - milliseconds for an attempt as a whole
 */
export function hostDial(
  target: HostTarget,
  timeout: number,
  { resolve, clock }: { readonly resolve: Resolve; readonly clock: Clock },
): Dial {
  const addressesOf = isIP(target.name) === 0 ? remembered(target.name, resolve, clock) : () => [target.name]
  const permitted = (address: string): boolean =>
    mayFetchFrom(target.rules, address, target.addresses) && (target.tls !== null || isLoopback(address))
  return async () => {
    const end = clock.monotonic() + timeout
    const addresses = (await within(timeout, addressesOf())).filter(permitted).slice(0, maxTries)
    let last: unknown = new ForbiddenAddress('the host has no address that may be dialled')
    for (const [index, address] of addresses.entries()) {
      const left = end - clock.monotonic()
      if (left <= 0) throw timedOut()
      try {
        const share = Math.max(1, left / (addresses.length - index))
        return checked(await open({ address, port: target.port, tls: target.tls }, share), permitted)
      } catch (error) {
        last = error
      }
    }
    throw last
  }
}

function checked(socket: Socket, permitted: (address: string) => boolean): Socket {
  if (permitted(socket.remoteAddress ?? '')) return socket
  socket.destroy()
  throw new ForbiddenAddress('the connection went elsewhere')
}

/** Resolves a name at most once at a time, and not again while the last answer is fresh. */
function remembered(name: string, resolve: Resolve, clock: Clock): () => Promise<readonly string[]> {
  let known: readonly string[] = []
  let at = -Infinity
  let asking: Promise<readonly string[]> | null = null
  const ask = async (): Promise<readonly string[]> => {
    try {
      known = await resolve(name)
      at = clock.monotonic()
      return known
    } catch (error) {
      if (clock.monotonic() - at < staleLife) return known
      throw error
    } finally {
      asking = null
    }
  }
  return () => (clock.monotonic() - at < addressLife ? Promise.resolve(known) : (asking ??= ask()))
}

/** Resolving a name cannot be aborted; waiting for it can. */
async function within<T>(timeout: number, waited: T | Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(timedOut()), timeout)
  })
  try {
    return await Promise.race([waited, late])
  } finally {
    clearTimeout(timer)
  }
}
