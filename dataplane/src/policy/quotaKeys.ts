import { hash } from 'node:crypto'
import type { Quota, QuotaKey } from '@gatehouse/contract'
import type { HeaderValues } from '../state/headerValues.ts'
import { believed } from './attributes.ts'
import { claimAt } from './claims.ts'
import type { Principal } from './principal.ts'

/** What of a request can be a part of a key. */
export interface QuotaSubject {
  readonly method: string
  /** Canonical; IPv6 as its /64; null = not known. */
  readonly network: string | null
  /** `namespace/name`. */
  readonly route: string
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly principal: Principal | null
}

/** By what a quota counts. */
export interface KeyPlan {
  /** Of the policy: only callers of a provider of its level or a wider one have attributes there. */
  readonly level: number
  /** All but the header. */
  readonly parts: readonly Exclude<QuotaKey, { readonly type: 'Header' }>[]
  /** A header that clients may fill with what they like; null = none. */
  readonly header: { readonly name: string; readonly values: HeaderValues } | null
}

/** Whether a quota can be counted before the caller is known. */
export const needsPrincipal = ({ keys, plans }: Pick<Quota, 'keys' | 'plans'>): boolean =>
  plans.length > 0 || keys.some(({ type }) => type !== 'IP' && type !== 'Route' && type !== 'Header')

/** One count for all requests that lack this part (M16); no value can be written like it. */
const lacking = '-'
/** One count for all values beyond those that a header may have; no value can be written like it. */
const others = '+'

/** Parts carry their length, so that no two keys can be written alike. @param now - microseconds that never go back */
export function keyOf(plan: KeyPlan, subject: QuotaSubject, now: number): string {
  const principal = believed(subject.principal, plan.level)
  let key = ''
  for (const part of plan.parts) key += written(partOf(part, subject, principal))
  return plan.header === null ? key : key + headerPart(plan.header, key, subject, now)
}

/** Longer parts are written as their hash: nobody decides how much memory its key takes. */
const longestPart = 512

function written(part: string | null): string {
  if (part === null) return lacking
  return part.length <= longestPart ? `${part.length}:${part}` : `#${hash('sha256', part)}`
}

/**
 * The key of somebody who is described.
 *
 * @param described - by type of the part; what is not in it lacks. A claim is JSON where it is no text
 */
export function describedKey(
  { parts, header }: Pick<KeyPlan, 'parts' | 'header'>,
  described: ReadonlyMap<QuotaKey['type'], string>,
): string {
  const value = (type: QuotaKey['type']): string | null => described.get(type) ?? null
  let key = ''
  for (const { type } of parts) key += written(type === 'Claim' ? describedClaim(value(type)) : value(type))
  if (header === null) return key
  const sent = value('Header')
  return key + written(sent === null ? null : shortened(sent))
}

function describedClaim(text: string | null): string | null {
  if (text === null) return null
  try {
    return claimPart(JSON.parse(text)) ?? claimPart(text)
  } catch {
    return claimPart(text)
  }
}

function partOf(key: KeyPlan['parts'][number], subject: QuotaSubject, principal: Principal | null): string | null {
  switch (key.type) {
    case 'IP':
      return subject.network
    case 'Route':
      return subject.route
    case 'Principal':
      return principal?.id ?? null
    case 'APIKey':
      return principal?.clientId == null ? null : principal.id
    case 'Tenant':
      return principal?.tenant ?? null
    case 'Claim':
      return principal === null ? null : claimPart(claimAt(principal.claims, key.path))
  }
}

/** Values of different types are different values; what is no single value is none. */
function claimPart(value: unknown): string | null {
  if (typeof value === 'string') return `s${shortened(value)}`
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return `v${String(value)}`
  return null
}

function headerPart(
  { name, values }: NonNullable<KeyPlan['header']>,
  stable: string,
  { headers }: QuotaSubject,
  now: number,
): string {
  const lines = headers.get(name)
  if (lines === undefined) return lacking
  const value = shortened(lines.length === 1 ? lines[0]! : lines.join(', '))
  return values.counts(stable, value, now) ? written(value) : others
}

const longest = 64

/** Long texts by their hash, which no text that is kept looks like: what a key takes of memory is not the client's choice. */
const shortened = (text: string): string => (text.length <= longest ? text : `${hash('sha256', text)}#`)
