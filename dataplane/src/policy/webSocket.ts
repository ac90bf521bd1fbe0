import { createHash } from 'node:crypto'
import type { RawRequest } from '../gateway/facts.ts'
import type { RefusalCode } from '../gateway/refusal.ts'

type Headers = ReadonlyMap<string, readonly string[]>

/** Whether a request asks to leave HTTP. A server may ignore an offer of h2c, and common clients make it with each first request. */
export const asksForUpgrade = (headers: Headers): boolean =>
  headers.get('upgrade')?.some((value) => value.toLowerCase() !== 'h2c') === true

/** 16 bytes in base64. */
const key = /^[A-Za-z0-9+/]{21}[AQgw]==$/

/**
 * Whether a request to leave HTTP opens a WebSocket as RFC 6455 4.1 has it. What a backend may take for something else, or
 * refuse while the client already talks, goes nowhere.
 */
export function upgradeFault({ method, httpVersion }: RawRequest, headers: Headers): RefusalCode | null {
  if (method !== 'GET' || httpVersion !== '1.1' || only(headers, 'upgrade')?.toLowerCase() !== 'websocket')
    return 'not-implemented'
  const asks = headers.get('connection')?.some((value) => options(value).includes('upgrade')) === true
  const opens = only(headers, 'sec-websocket-version') === '13' && key.test(only(headers, 'sec-websocket-key') ?? '')
  return asks && opens && !headers.has('content-length') && !headers.has('transfer-encoding') ? null : 'bad-request'
}

function only(headers: Headers, name: string): string | null {
  const values = headers.get(name)
  return values?.length === 1 ? values[0]! : null
}

const options = (value: string): readonly string[] => value.split(',').map((option) => option.trim().toLowerCase())

const suffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** What a server must answer in Sec-WebSocket-Accept to show that it has read the request as one for a WebSocket. */
export const acceptOf = (webSocketKey: string): string =>
  createHash('sha1')
    .update(webSocketKey + suffix)
    .digest('base64')
