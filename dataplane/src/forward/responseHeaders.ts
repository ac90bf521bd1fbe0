import { corsPrefix, dashed, isReservedInResponses } from '@gatehouse/contract'
import type { HeaderEdit } from '../gateway/headerEdit.ts'
import { nominated } from './headerRules.ts'

/** Header or trailer values by lower-case name, as connections give them. */
export type UpstreamHeaders = Readonly<Record<string, string | string[] | undefined>>

/** @returns the length of a response's content where it is known before its end; null = a stream */
export function knownLength(headers: UpstreamHeaders): number | null {
  const length = headers['content-length']
  return length === undefined || headers['transfer-encoding'] !== undefined ? null : Number(length)
}

/**
 * @param headers - an upstream's, by lower-case name
 * @param ownCors - whether the gateway says which origins may read the answer, so that the upstream does not
 * @param edit - what the route changes; null = nothing
 * @returns those that go on to the client: name, value, name, value …; null when the framing cannot be passed on
 */
export function responseHeaders(
  status: number,
  headers: UpstreamHeaders,
  ownCors = false,
  edit: HeaderEdit | null = null,
): string[] | null {
  const coding = headers['transfer-encoding']
  // Another coding would be removed with the header while the body stays encoded.
  if (coding !== undefined && String(coding).toLowerCase() !== 'chunked') return null
  const unframed = coding !== undefined || status < 200 || status === 204
  const { connection } = headers
  const removed = nominated(typeof connection === 'string' ? [connection] : connection)
  const out: string[] = []
  for (const name in headers) {
    if (isReservedInResponses(name) || (removed !== null && name !== 'content-length' && removed.has(name))) continue
    if (unframed && name === 'content-length') continue
    if (ownCors && name.startsWith(corsPrefix)) continue
    if (edit?.cleared?.has(dashed(name)) === true) continue
    const value = headers[name]
    if (typeof value === 'string') out.push(name, value)
    else if (value !== undefined) for (const one of value) out.push(name, one)
  }
  // An interim response says nothing of its own: what the route writes comes with the final one.
  if (edit !== null && status >= 200) for (const text of edit.written) out.push(text)
  return out
}

/** @returns the trailers that may go on (RFC 9110 6.5.1): none that frame, route, authenticate or share */
export function responseTrailers(trailers: UpstreamHeaders, edit: HeaderEdit | null = null): [string, string][] {
  const out: [string, string][] = []
  for (const name in trailers) {
    if (isReservedInResponses(name) || unsafeTrailers.has(name) || name.startsWith(corsPrefix)) continue
    if (edit?.cleared?.has(dashed(name)) === true) continue
    for (const value of [trailers[name]].flat()) if (value !== undefined) out.push([name, value])
  }
  return out
}

const unsafeTrailers = new Set([
  'content-length',
  'content-encoding',
  'content-range',
  'content-type',
  'host',
  'set-cookie',
  'authorization',
  'www-authenticate',
  'cache-control',
  'location',
])
