import type { RequestFacts } from '../gateway/facts.ts'
import { asksForUpgrade } from './webSocket.ts'

/** What says whether a page of another site made a browser send a request. */
export type Sent = Pick<RequestFacts, 'method' | 'headers' | 'host' | 'authority' | 'connection'>

/** RFC 9110 9.2.1; whatever else it is may change something. */
const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The origin of the request itself (RFC 6454 4), as it came to this gateway. */
function ownOrigin({ connection, host, authority }: Sent): string {
  const port = /:(\d+)$/.exec(authority)?.[1]
  const standard = connection.scheme === 'https' ? '443' : '80'
  const number = port === undefined ? standard : String(Number(port))
  return `${connection.scheme}://${host}${number === standard ? '' : `:${number}`}`
}

/**
 * Whether a cookie of this request may count: with a method that changes nothing always, otherwise only when its Origin
 * is its own or an allowed one. Without Origin nobody knows who made the browser send it.
 */
export function maySendCookie(sent: Sent, allowedOrigins: readonly string[]): boolean {
  // A connection that becomes a WebSocket is bound by no same-origin policy.
  if (safe.has(sent.method) && !asksForUpgrade(sent.headers)) return true
  const origins = sent.headers.get('origin')
  if (origins?.length !== 1) return false
  const origin = origins[0]!
  return origin === ownOrigin(sent) || allowedOrigins.includes(origin)
}
