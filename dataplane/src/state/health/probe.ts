import type { ActiveCheck } from '@gatehouse/contract'
import type { RequestControl } from '../connections.ts'
import { NamespaceFull } from '../namespaceLoads.ts'
import { maxConnections, type PooledAddress } from '../pools.ts'

/** Bytes of an answer that are read and dropped to keep its connection. */
const maxDropped = 16 * 1024

/** Why a probe ended early; never leaves this process. */
const over = new Error('the probe is over')

/**
 * Asks one address once, over the connections that requests use: with their TLS, to the address that was checked (M13),
 * with nothing that says who anybody is, without following redirects, and without reading the body.
 *
 * @param authority - what Host says
 * @param done - called once: whether the answer was good; null when it cannot be told because requests have all
 *   connections, to this address or of its namespace
 */
export function probe(
  target: PooledAddress,
  authority: string,
  { path, timeout, expectedStatuses }: ActiveCheck,
  done: (good: boolean | null) => void,
): void {
  let control: RequestControl | null = null
  let ended = false
  let dropped = 0
  const end = (good: boolean | null): void => {
    if (ended) return
    ended = true
    clearTimeout(deadline)
    done(good)
  }
  const deadline = setTimeout(() => {
    end(control === null && target.inFlight >= maxConnections ? null : false)
    control?.abort(over)
  }, timeout).unref()
  target.pool.dispatch(
    { method: 'GET', path, headers: ['host', authority, 'user-agent', 'gatehouse-health'], body: null, reset: false },
    {
      onRequestStart: (started) => {
        if (ended) throw over
        control = started
      },
      onBodySent: nothing,
      onRequestSent: nothing,
      onResponseStart: (_control, status) => {
        if (status >= 200) end(expectedStatuses.includes(status))
      },
      onResponseData: (running, chunk) => {
        dropped += chunk.length
        if (dropped > maxDropped) running.abort(over)
      },
      onResponseEnd: () => end(false),
      onResponseError: (_control, error) => end(error instanceof NamespaceFull ? null : false),
    },
  )
}

const nothing = (): void => {}
