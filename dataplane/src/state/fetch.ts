import { Client } from 'undici'
import type { AddressRules } from './addressRules.ts'
import { checkedDialer, type Resolve } from './checkedDialer.ts'

/** What is fetched, and where from it may come. */
export interface FetchRequest {
  readonly uri: string
  readonly rules: AddressRules
  /** What the host may resolve to. */
  readonly addresses: 'Public' | 'Private'
  /** PEM certificates in place of the system's authorities; null = the system's. */
  readonly anchors: readonly string[] | null
  readonly resolve: Resolve
}

export interface FetchLimits {
  /** Bytes of the body. */
  readonly size: number
  /** Milliseconds for all of it, from resolving the name to the last byte. */
  readonly time: number
}

export const defaultFetchLimits: FetchLimits = { size: 512 * 1024, time: 5000 }

/**
 * GET over https (M13): from a checked address, without redirects and without decompression, bounded in size and time.
 * Plain http only from loopback, and only where the rules allow loopback.
 *
 * @returns the body of a 200; it rejects for anything else
 */
export async function fetchText(request: FetchRequest, limits: FetchLimits = defaultFetchLimits): Promise<string> {
  const url = new URL(request.uri)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new Error('only https can be fetched')
  if (url.username !== '' || url.password !== '') throw new Error('a URL with credentials is not fetched')
  const signal = AbortSignal.timeout(limits.time)
  const { rules, addresses, anchors, resolve } = request
  const client = new Client(url.origin, {
    connect: checkedDialer({ rules, addresses, anchors, resolve, signal }),
    allowH2: false,
    maxResponseSize: limits.size,
  })
  try {
    return await Promise.race([get(client, url, signal), ended(signal)])
  } finally {
    client.destroy().catch(ignore)
  }
}

async function get(client: Client, url: URL, signal: AbortSignal): Promise<string> {
  const { statusCode, headers, body } = await client.request({
    method: 'GET',
    path: url.pathname + url.search,
    headers: { accept: 'application/json, application/jwk-set+json', 'accept-encoding': 'identity' },
    signal,
  })
  body.on('error', ignore)
  if (statusCode !== 200) throw new Error(`status ${statusCode}`)
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') throw new Error('the body is encoded')
  return await body.text()
}

/** Resolving a name cannot be aborted; waiting for it can. */
const ended = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('the fetch took too long')), { once: true })
  })

const ignore = (): void => {}
