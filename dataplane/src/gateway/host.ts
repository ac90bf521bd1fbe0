import { formatAddress, parseAddress } from '../address.ts'

/** Labels of letters, digits, hyphens and underscores, with or without the dot of the root. */
const name = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$/
const port = /^[0-9]{1,5}$/

/**
 * The host of an authority (RFC 9110 4.2.3): lower case, without port and without the dot of the root, IPv6 in brackets.
 *
 * @returns null when it is malformed, such as with user information, an empty port or an empty label
 */
export function parseHost(authority: string): string | null {
  const text = authority.toLowerCase()
  const bracket = text.startsWith('[') ? text.indexOf(']') : -1
  if (text.startsWith('[') && bracket === -1) return null
  const colon = text.indexOf(':', bracket + 1)
  const host = colon === -1 ? text : text.slice(0, colon)
  if (colon !== -1 && !isPort(text.slice(colon + 1))) return null
  return bracket === -1 ? registeredName(host) : literal(host)
}

function isPort(text: string): boolean {
  const value = Number(text)
  return port.test(text) && value > 0 && value <= 65535
}

function registeredName(host: string): string | null {
  if (host.length > 254 || !name.test(host)) return null
  const bare = host.endsWith('.') ? host.slice(0, -1) : host
  return bare.length > 253 ? null : bare
}

function literal(host: string): string | null {
  if (!host.endsWith(']')) return null
  const address = parseAddress(host.slice(1, -1))
  return address?.length === 16 ? `[${formatAddress(address)}]` : null
}
