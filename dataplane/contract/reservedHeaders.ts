import { tokenHeader } from './backendAuth.ts'

/** Those of RFC 9110 7.6.1, and those that the gateway writes itself or that only a trusted front may set (M10). */
const ofRequests = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'proxy-authenticate',
  'proxy-authorization',
  'expect',
  'host',
  'forwarded',
  'x-real-ip',
  'x-method-override',
  'x-request-id',
  tokenHeader,
  'traceparent',
  'tracestate',
])

const prefixesOfRequests = [
  'x-forwarded',
  'x-client-cert',
  'client-cert',
  'x-http-method',
  'x-original-',
  'x-rewrite-',
] as const

/** RFC 9110 7.6.1; `x-request-id` is the gateway's own. */
const ofResponses = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'proxy-authenticate',
  'proxy-authentication-info',
  'x-request-id',
])

/** Who may read an answer is for the policy to say. */
export const corsPrefix = 'access-control-'

/** Lower case, with `-` for all that is no letter or digit: backends that speak CGI cannot tell names apart otherwise. */
export const dashed = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '-')

/** Whether a client may not send this to a backend on any route (M10). @param name - dashed */
export const isReservedInRequests = (name: string): boolean =>
  ofRequests.has(name) || prefixesOfRequests.some((prefix) => name.startsWith(prefix))

/** Whether a backend does not send this to a client. @param name - lower case */
export const isReservedInResponses = (name: string): boolean => ofResponses.has(name)

/** What may not be changed with all that is reserved: framing, and what was already used of the request. */
const fixedInRequests = new Set(['content-length', 'via'])
/** Written by whoever proves something with them, so they can only be taken away. */
const credentials = new Set(['authorization', 'cookie'])
const fixedInResponses = new Set(['content-length', 'date', 'ratelimit', 'ratelimit-policy', 'via'])

/** Headers that answers of the gateway's own have by themselves, by the type of the action. */
export const ownHeaders = { Redirect: new Set(['location']), Respond: new Set(['content-type']) } as const

/** What a route may do with a header. */
export type HeaderChange = 'write' | 'remove'

/**
 * Whether a route may write or remove a header of requests.
 *
 * @param name - in any case
 * @param taken - dashed names that belong to somebody else: identity headers, and headers that credentials come in
 */
export function mayChangeRequest(name: string, change: HeaderChange, taken: ReadonlySet<string>): boolean {
  const plain = dashed(name)
  if (isReservedInRequests(plain) || fixedInRequests.has(plain)) return false
  return change === 'remove' || (!credentials.has(plain) && !taken.has(plain))
}

/**
 * The same of responses. Cookies can only be kept from a client: a route has none to give.
 *
 * @param name - in any case
 * @param taken - names that an answer of the gateway's own has already
 */
export function mayChangeResponse(name: string, change: HeaderChange, taken: ReadonlySet<string>): boolean {
  const plain = dashed(name)
  if (isReservedInResponses(plain) || fixedInResponses.has(plain) || plain.startsWith(corsPrefix)) return false
  if (taken.has(plain)) return false
  return change === 'remove' || plain !== 'set-cookie'
}
