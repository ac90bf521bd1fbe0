import { isIP } from 'node:net'
import type { StoredKey, StoredQuotas } from '@gatehouse/dataplane'
import { usageError } from '../exit.ts'

type KeyParts = StoredKey['parts']
type KeyType = StoredQuotas['quotas'][number]['keys'][number]

/** What values are looked up in. */
type Known = Pick<StoredQuotas, 'providers' | 'routes'>

/** @returns the value as it is counted @throws CommandError for one that no request can have */
type Reading = (value: string, known: Known) => string

const listOf = (names: Iterable<string>): string => [...names].join(', ') || 'none'

function address(value: string): string {
  // Records name the network of an IPv6 client, for which any of its addresses stands.
  const [, one = value] = /^(.*:.*)\/64$/s.exec(value) ?? []
  // An address with a zone is one of a link, and no client's.
  if (isIP(one) !== 0 && !one.includes('%')) return one
  throw usageError(`--key IP needs an address, not "${value}"`)
}

function route(value: string, { routes }: Known): string {
  if (routes.has(value)) return value
  throw usageError(
    `--key Route needs the NS/NAME of a GatewayRoute in force, not "${value}"; there is ${listOf(routes)}`,
  )
}

function filled(value: string): string {
  if (value !== '') return value
  throw usageError('--key Tenant needs a name; leave it out for the requests that have no tenant')
}

/** @returns null when it is no JSON array of three texts */
function threeTexts(value: string): readonly [string, string, string] | null {
  try {
    const parts: unknown = JSON.parse(value)
    if (!Array.isArray(parts) || parts.length !== 3) return null
    const [provider, issuer, subject] = parts as readonly unknown[]
    return typeof provider === 'string' && typeof issuer === 'string' && typeof subject === 'string'
      ? [provider, issuer, subject]
      : null
  } catch {
    return null
  }
}

/** Whoever has no token has no issuer. */
const issuers: ReadonlySet<string> = new Set(['Jwt', 'Introspection'])

function caller(type: 'Principal' | 'APIKey', example: string): Reading {
  return (value, { providers }) => {
    const parts = threeTexts(value)
    if (parts === null)
      throw usageError(
        `--key ${type} needs the JSON array of provider, issuer and subject that decision records have, such as ${example}`,
      )
    const [provider, issuer] = parts
    const method = providers.get(provider)
    const fitting = [...providers].filter(([, one]) => type === 'Principal' || one === 'ApiKey').map(([name]) => name)
    if (method === undefined || !fitting.includes(provider))
      throw usageError(`--key ${type}: no ${type} comes from a provider "${provider}"; there is ${listOf(fitting)}`)
    if (!issuers.has(method) && issuer !== '')
      throw usageError(`--key ${type}: callers of ${provider} have no issuer, so that the second text is ""`)
    return JSON.stringify(parts)
  }
}

const readings: { readonly [T in KeyType]: Reading } = {
  IP: address,
  Principal: caller('Principal', `'["shop/orders/staff","https://idp.example","alice"]'`),
  APIKey: caller('APIKey', `'["shop/orders/partners","","acme-1"]'`),
  Tenant: filled,
  Route: route,
  // A header and a claim can be there and empty.
  Header: (value) => value,
  Claim: (value) => value,
}

const isType = (text: string): text is KeyType => Object.hasOwn(readings, text)

/**
 * Reads the parts of a key.
 *
 * @param texts - each `TYPE=VALUE`
 * @throws CommandError for a part that no request can have: it would look like one that nobody has used
 */
export function keyOf(texts: readonly string[], known: Known): KeyParts {
  const parts = new Map<KeyType, string>()
  for (const text of texts) {
    const at = text.indexOf('=')
    if (at < 1) throw usageError(`--key needs TYPE=VALUE, not "${text}"`)
    const type = text.slice(0, at)
    if (!isType(type)) throw usageError(`--key has no "${type}"; it has ${Object.keys(readings).join(', ')}`)
    if (parts.has(type)) throw usageError(`--key ${type} is given twice`)
    parts.set(type, readings[type](text.slice(at + 1), known))
  }
  return parts
}

/** The key as a person reads it. @param keys - by which the quota counts */
export const keyText = (keys: readonly KeyType[], parts: KeyParts): string =>
  keys.map((type) => (parts.has(type) ? `${type}=${parts.get(type)}` : `no ${type}`)).join(', ')
