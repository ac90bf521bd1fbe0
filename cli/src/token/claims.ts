import type { Json } from '@gatehouse/crds'
import type { JWTPayload } from 'jose'
import { usageError } from '../exit.ts'

/** Who signs with the development key unless `--issuer` says otherwise; the name cannot exist (RFC 2606). */
export const defaultIssuer = 'https://dev.gatehouse.invalid'

/** What the command line says of a token. */
export interface TokenFlags {
  readonly issuer?: string | undefined
  readonly audience?: readonly string[] | undefined
  readonly subject?: string | undefined
  /** `name=value`, the value as JSON or, failing that, as text. */
  readonly claim?: readonly string[] | undefined
  readonly role?: readonly string[] | undefined
  readonly scope?: readonly string[] | undefined
  readonly tenant?: string | undefined
  readonly 'expires-in'?: string | undefined
}

const units: { readonly [unit: string]: number } = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }

/** Seconds of a text such as `90`, `15m` or `-1h`. */
export function secondsOf(text: string): number {
  const parts = /^(-?\d{1,9})([smhd]?)$/.exec(text)
  const unit = units[parts?.[2] ?? ' ']
  if (!parts || unit === undefined) throw usageError(`--expires-in needs a time such as 90s, 15m or -1h, not "${text}"`)
  return Number(parts[1]) * unit
}

function valueOf(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

function claimOf(text: string): readonly [string, Json] {
  const at = text.indexOf('=')
  if (at < 1) throw usageError(`--claim needs NAME=VALUE, not "${text}"`)
  return [text.slice(0, at), valueOf(text.slice(at + 1))]
}

const single = (values: readonly string[]): string | string[] => (values.length === 1 ? values[0]! : [...values])

/**
 * The claims of a token: roles as a list in `roles`, scopes as words in `scope` (RFC 8693 4.2), the tenant in `tenant`.
 * Those of `--claim` come last and win.
 *
 * @param now - milliseconds since the epoch
 */
export function claimsOf(flags: TokenFlags, now: number): JWTPayload {
  const { issuer, audience, subject, role, scope, tenant } = flags
  const issuedAt = Math.floor(now / 1000)
  const expires = issuedAt + secondsOf(flags['expires-in'] ?? '1h')
  return {
    iss: issuer ?? defaultIssuer,
    sub: subject ?? 'dev',
    ...(audience && { aud: single(audience) }),
    // A token that has expired was issued before it did.
    iat: Math.min(issuedAt, expires - 1),
    exp: expires,
    ...(role && { roles: [...role] }),
    ...(scope && { scope: scope.join(' ') }),
    ...(tenant !== undefined && { tenant }),
    ...Object.fromEntries((flags.claim ?? []).map(claimOf)),
  }
}
