import type { ClientRequest } from '../forward/clientSide.ts'
import type { RefusalCode } from '../gateway/refusal.ts'

/** The head of a request in HTTP/2, written as the same request would be in HTTP/1.1. */
export interface Http2Head {
  readonly method: string
  readonly target: string
  /** Name, value, name, value … */
  readonly rawHeaders: readonly string[]
  readonly headers: ClientRequest['headers']
  /** What HTTP/2 has against it, where its parser did not say so; null = nothing. */
  readonly fault: RefusalCode | null
}

/** What concerns one connection has no place in HTTP/2 (RFC 9113 8.2.2). */
const connectionSpecific = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/**
 * Brings a head into the form that admission, policies and forwarding know (RFC 9113 8.3.1): `:authority` becomes Host,
 * the crumbs of a cookie one header (8.2.3), and a body without a length is chunked.
 *
 * @param raw - name, value, name, value … with the pseudo-headers
 * @param endsHere - no body follows
 */
export function readHead(raw: readonly string[], scheme: 'http' | 'https', endsHere: boolean): Http2Head {
  const pseudo = new Map<string, string>()
  const rawHeaders = ['host', '']
  const headers: { -readonly [K in keyof Http2Head['headers']]: Http2Head['headers'][K] } = {}
  let cookieAt = -1
  let hosts = 0
  let fault: RefusalCode | null = null
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!
    const value = raw[at + 1]!
    if (name.startsWith(':')) {
      if (pseudo.has(name)) fault = 'bad-request'
      pseudo.set(name, value)
    } else if (name === 'cookie' && cookieAt !== -1) {
      rawHeaders[cookieAt] += `; ${value}`
    } else if (name === 'host' && agrees(pseudo.get(':authority'), value, hosts++)) {
      rawHeaders[1] = value
    } else {
      if (isOutOfPlace(name, value)) fault = 'bad-request'
      if (name === 'content-length' || name === 'expect') headers[name] = value
      if (name === 'cookie') cookieAt = rawHeaders.length + 1
      rawHeaders.push(name, value)
    }
  }
  const authority = pseudo.get(':authority')
  if (authority !== undefined) rawHeaders[1] = authority
  else if (hosts === 0) rawHeaders.splice(0, 2)
  if (!endsHere && headers['content-length'] === undefined) {
    headers['transfer-encoding'] = 'chunked'
    rawHeaders.push('transfer-encoding', 'chunked')
  }
  const method = pseudo.get(':method') ?? ''
  const target = pseudo.get(':path') ?? ''
  return { method, target, rawHeaders, headers, fault: fault ?? pseudoFault(pseudo, scheme) }
}

/** A Host beside `:authority` must say the same; admission refuses a request that has two. */
const agrees = (authority: string | undefined, host: string, before: number): boolean =>
  before === 0 && (authority === undefined || authority.toLowerCase() === host.toLowerCase())

const isOutOfPlace = (name: string, value: string): boolean =>
  connectionSpecific.has(name) || (name === 'te' && value.toLowerCase() !== 'trailers')

function pseudoFault(pseudo: ReadonlyMap<string, string>, scheme: 'http' | 'https'): RefusalCode | null {
  if (pseudo.get(':method') === 'CONNECT') return 'not-implemented'
  if (pseudo.get(':scheme')?.toLowerCase() !== scheme) return 'bad-request'
  const target = pseudo.get(':path') ?? ''
  // Never another host in the target: `:authority` alone says it.
  return target.startsWith('/') || target === '*' ? null : 'bad-path'
}
