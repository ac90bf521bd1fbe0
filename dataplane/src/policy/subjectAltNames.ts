import type { SubjectAltName } from '@gatehouse/contract'
import { inRange, parseAddress, parseRange, type AddressRange } from '../address.ts'
import type { ClientCertificate } from '../gateway/facts.ts'

/** A pattern over names of a certificate, made ready. It sees only names of its type. */
export type NamePattern =
  /** null stands for `*`: one path segment or one label, and never an empty one. */
  | { readonly type: 'URI' | 'DNS'; readonly parts: readonly (string | null)[] }
  /** null stands for `*`: any local part. */
  | { readonly type: 'Email'; readonly local: string | null; readonly domain: string }
  | { readonly type: 'IP'; readonly range: AddressRange }

/** @throws RangeError when the pattern is none of its type */
export function namePattern({ type, pattern }: SubjectAltName): NamePattern {
  switch (type) {
    case 'URI':
      return { type, parts: partsOf(pattern, '/') }
    case 'DNS':
      return { type, parts: partsOf(pattern.toLowerCase(), '.') }
    case 'Email': {
      const at = pattern.lastIndexOf('@')
      if (at < 1) throw new RangeError('not an e-mail address')
      const local = pattern.slice(0, at)
      return { type, local: local === '*' ? null : local, domain: pattern.slice(at + 1).toLowerCase() }
    }
    case 'IP': {
      const range = parseRange(pattern)
      if (range === null) throw new RangeError('not an address range')
      return { type, range }
    }
  }
}

const partsOf = (pattern: string, separator: string): (string | null)[] =>
  pattern.split(separator).map((part) => (part === '*' ? null : part))

/**
 * The name of a certificate that fits: the first pattern decides, and among the names that fit it the first of the
 * certificate.
 *
 * @returns null when none fits
 */
export function fittingName(patterns: readonly NamePattern[], certificate: ClientCertificate): string | null {
  for (const pattern of patterns) {
    const name = namesOf(certificate, pattern.type).find((one) => fits(pattern, one))
    if (name !== undefined) return name
  }
  return null
}

function namesOf(certificate: ClientCertificate, type: NamePattern['type']): readonly string[] {
  switch (type) {
    case 'URI':
      return certificate.uris
    case 'DNS':
      return certificate.dnsNames
    case 'Email':
      return certificate.emails
    case 'IP':
      return certificate.addresses
  }
}

function fits(pattern: NamePattern, name: string): boolean {
  switch (pattern.type) {
    case 'URI':
      return fitsParts(pattern.parts, name.split('/'))
    case 'DNS':
      return fitsParts(pattern.parts, name.toLowerCase().split('.'))
    case 'Email': {
      const at = name.lastIndexOf('@')
      return name.slice(at + 1) === pattern.domain && (pattern.local ?? name.slice(0, at)) === name.slice(0, at)
    }
    case 'IP': {
      const address = parseAddress(name)
      return address !== null && inRange(address, pattern.range)
    }
  }
}

const fitsParts = (parts: readonly (string | null)[], own: readonly string[]): boolean =>
  own.length === parts.length && parts.every((part, index) => (part ?? (own[index] || null)) === own[index])
