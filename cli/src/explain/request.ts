import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { DescribedRequest, StandIn } from '@gatehouse/dataplane'

/** A request as the flags or a file describe it. */
export interface RequestDescription {
  readonly method?: string | undefined
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [string, string])[] | undefined
  readonly sourceIP?: string | undefined
  /** Name of the listener; default: one that fits the URL. */
  readonly listener?: string | undefined
  /** PEM. */
  readonly certificate?: string | undefined
  readonly standIn: StandIn | null
}

/** What is wrong with a description that is no request. */
export class BadDescription extends Error {
  /** As files name it. */
  readonly part: 'url' | 'method' | 'sourceIP' | 'clientCertificate'
  /** A sentence without subject. */
  readonly lack: string

  constructor(part: BadDescription['part'], lack: string) {
    super(`${part} ${lack}`)
    this.part = part
    this.lack = lack
  }
}

const defaultSource = '192.0.2.1'
const parts = /^(https?):\/\/[^/?#]+([^#]*)$/i

/** A token (RFC 9110 5.6.2), as every method is. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Seconds that a stand-in token is valid whose claims do not say. */
const lifetime = 3600

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}

/** What of a text that is no URL can be shown: neither a query nor what stands before the host. */
const withoutSecrets = (text: string): string => text.replace(/[?#].*$/s, '').replace(/\/\/.*@/s, '//…@')

/** @throws BadDescription with a sentence that names the part that is wrong */
export function describedRequest(description: RequestDescription): DescribedRequest {
  const { method = 'GET', url: text, headers = {}, sourceIP = defaultSource, certificate = null, standIn } = description
  const { listener = null } = description
  const url = URL.parse(text)
  const target = parts.exec(text)?.[2]
  if (!url || target === undefined)
    throw new BadDescription(
      'url',
      `needs a form such as https://api.shop.example/orders, not "${withoutSecrets(text)}"`,
    )
  if (url.username !== '' || url.password !== '') throw new BadDescription('url', 'must not hold credentials')
  if (!token.test(method)) throw new BadDescription('method', `needs a name such as GET, not "${method}"`)
  if (isIP(sourceIP) === 0) throw new BadDescription('sourceIP', `needs an IP address, not "${sourceIP}"`)
  if (certificate !== null && !isCertificate(certificate))
    throw new BadDescription('clientCertificate', 'needs a certificate in PEM')
  const pairs = Array.isArray(headers) ? (headers as readonly (readonly [string, string])[]) : Object.entries(headers)
  return {
    method,
    url,
    target: target.startsWith('/') ? target : `/${target}`,
    headers: pairs.flat(),
    sourceIP,
    listener,
    certificate,
    standIn,
  }
}

/** A token that is described by its claims. `exp` is set when they do not say. @param now - milliseconds since the epoch */
export function tokenOf(claims: Readonly<Record<string, unknown>>, now: number, anyAudience = false): StandIn {
  const issuedAt = Math.floor(now / 1000)
  return { type: 'Token', claims: { iat: issuedAt, exp: issuedAt + lifetime, ...claims }, anyAudience }
}
