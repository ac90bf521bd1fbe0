import { clientAddress, type AddressTrust } from './clientAddress.ts'
import type { RawRequest, RequestFacts } from './facts.ts'
import { parseHost } from './host.ts'
import { parseTarget } from './path.ts'
import type { RefusalCode } from './refusal.ts'
import { asksForUpgrade, upgradeFault } from '../policy/webSocket.ts'

/** Most header lines, and most characters of all names and values together. */
export const formLimits = { headerLines: 128, headerCharacters: 32 * 1024, target: 16 * 1024 } as const

const methodName = /^[A-Z][A-Z-]*$/
const fieldName = /^[\w!#$%&'*+.^`|~-]+$/
/** RFC 9110 5.5 without obs-text: bytes beyond ASCII mean different things to different readers. */
const fieldValue = /^[\t\x20-\x7e]*$/

/** Who is believed; by host where that decides. */
export type TrustByHost = AddressTrust | ((host: string) => AddressTrust)

/**
 * Checks the form of a request (M8) and brings it into the one form that everything else looks at.
 *
 * @param trust - who is believed about the client's address
 */
export function readRequest(raw: RawRequest, trust: TrustByHost): RequestFacts | RefusalCode {
  const headers = readHeaders(raw.rawHeaders)
  if (typeof headers === 'string') return headers
  if (badFraming(raw.httpVersion, headers)) return 'bad-request'
  if (raw.target.length > formLimits.target) return 'headers-too-large'
  const hosts = headers.get('host')
  if (hosts?.length !== 1 || parseHost(hosts[0]!) === null) return 'bad-host'
  if (!methodName.test(raw.method) || raw.method === 'CONNECT' || raw.method === 'TRACE') return 'not-implemented'
  const upgrade = asksForUpgrade(headers) ? upgradeFault(raw, headers) : null
  if (upgrade !== null) return upgrade
  const located = locate(raw, hosts[0]!)
  if (typeof located === 'string') return located
  const believed = typeof trust === 'function' ? trust(located.host) : trust
  const client = clientAddress(raw.connection, headers, believed)
  return {
    id: raw.id,
    method: raw.method,
    host: located.host,
    authority: located.authority,
    path: located.path,
    query: located.query,
    rawHeaders: raw.rawHeaders,
    headers,
    clientAddress: client.address,
    forwardedFor: client.forwardedFor,
    connection: raw.connection,
  }
}

/** Names are the client's choice, so the memory of them is bounded, in number and in length. */
const maxRemembered = 1000
const maxRememberedLength = 64
const remembered = new Map<string, string>()

/** @returns a field name in lower case; null when it is none (RFC 9110 5.1) */
function lowerCased(name: string): string | null {
  const known = remembered.get(name)
  if (known !== undefined) return known
  if (!fieldName.test(name)) return null
  const lower = name.toLowerCase()
  if (remembered.size < maxRemembered && name.length <= maxRememberedLength) remembered.set(name, lower)
  return lower
}

function readHeaders(rawHeaders: readonly string[]): Map<string, string[]> | RefusalCode {
  if (rawHeaders.length > 2 * formLimits.headerLines) return 'headers-too-large'
  const headers = new Map<string, string[]>()
  let characters = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!
    const value = rawHeaders[index + 1]!
    characters += name.length + value.length
    const lower = lowerCased(name)
    if (lower === null || !fieldValue.test(value)) return 'bad-request'
    const known = headers.get(lower)
    if (known === undefined) headers.set(lower, [value])
    else known.push(value)
  }
  return characters > formLimits.headerCharacters ? 'headers-too-large' : headers
}

/** RFC 9112 6.1: faulty framing that a lenient parser may have let through. */
function badFraming(httpVersion: string, headers: ReadonlyMap<string, readonly string[]>): boolean {
  const coding = headers.get('transfer-encoding')
  const length = headers.get('content-length')
  if (coding !== undefined) {
    const chunked = coding.length === 1 && coding[0]!.toLowerCase() === 'chunked'
    return !chunked || httpVersion === '1.0' || length !== undefined
  }
  return length !== undefined && length.length > 1
}

interface Located {
  readonly host: string
  readonly authority: string
  readonly path: string
  readonly query: string
}

const absolute = /^(https?):\/\/([^/?#]*)(.*)$/i

/** Where a request goes: its path, and the host of Host or of an absolute-form target, which counts (RFC 9112 3.2.2). */
function locate(raw: RawRequest, hostHeader: string): Located | RefusalCode {
  const { target } = raw
  if (target === '*') return raw.method === 'OPTIONS' ? 'not-implemented' : 'bad-path'
  if (target.startsWith('/')) return inParts(hostHeader, target)
  const parts = absolute.exec(target)
  if (parts === null) return 'bad-path'
  if (parts[1]!.toLowerCase() !== raw.connection.scheme) return 'bad-request'
  const rest = parts[3]!
  if (rest === '' && raw.method === 'OPTIONS') return 'not-implemented'
  return inParts(parts[2]!, rest.startsWith('/') ? rest : `/${rest}`)
}

function inParts(authority: string, target: string): Located | RefusalCode {
  const host = parseHost(authority)
  if (host === null) return 'bad-host'
  const parts = parseTarget(target)
  return parts === null ? 'bad-path' : { host, authority, path: parts.path, query: parts.query }
}
