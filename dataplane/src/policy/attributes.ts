import type { ClaimMap, Provider } from '@gatehouse/contract'
import { claimAt, type Claims } from './claims.ts'
import type { Principal } from './principal.ts'

/** What is known of a caller's part in the system. */
export type Attributes = Pick<Principal, 'roles' | 'scopes' | 'groups' | 'tenant' | 'plan' | 'trustLevel'>

/** Of a caller of whom nothing is known but who it is. */
export const noAttributes: Attributes = {
  roles: [],
  scopes: [],
  groups: [],
  tenant: null,
  plan: null,
  trustLevel: null,
}

/** Entries that one claim may list: more would cost more than a token may. */
const maxListed = 1024

/**
 * Reads the attributes of a caller from claims. An absent claim is an empty list or nothing known; one of another type
 * spoils the credential, because "has no role" could open what a Deny on a role would close.
 *
 * @returns null when a claim is of another type, or lists more than {@link maxListed}
 */
export function mappedAttributes(map: ClaimMap, claims: Claims): Attributes | null {
  const roles = texts(map.roles, claims, (text) => [text])
  const scopes = texts(map.scopes, claims, (text) => text.split(' ').filter((word) => word !== ''))
  const groups = texts(map.groups, claims, (text) => [text])
  const tenant = oneText(map.tenant, claims)
  const plan = oneText(map.plan, claims)
  const trust = oneText(map.trustLevel?.claim ?? null, claims)
  if (roles === null || scopes === null || groups === null) return null
  if (tenant === 'malformed' || plan === 'malformed' || trust === 'malformed') return null
  const trustLevel = trust === null ? null : levelOf(map.trustLevel?.values ?? {}, trust.text)
  return { roles, scopes, groups, tenant: tenant?.text ?? null, plan: plan?.text ?? null, trustLevel }
}

const levelOf = (values: Readonly<Record<string, number>>, text: string): number | null =>
  Object.hasOwn(values, text) ? values[text]! : null

function texts(
  path: readonly string[] | null,
  claims: Claims,
  words: (text: string) => readonly string[],
): readonly string[] | null {
  const value = path === null ? undefined : claimAt(claims, path)
  if (value === undefined) return []
  const list = typeof value === 'string' ? words(value) : value
  const sound = Array.isArray(list) && list.length <= maxListed && list.every((item) => typeof item === 'string')
  return sound ? list : null
}

/** null = it says nothing; nothing is said by an empty text, too. */
function oneText(path: readonly string[] | null, claims: Claims): { readonly text: string } | 'malformed' | null {
  const value = path === null ? undefined : claimAt(claims, path)
  if (value === undefined || value === '') return null
  return typeof value === 'string' ? { text: value } : 'malformed'
}

const any = '*'

/** Cuts attributes down to what the provider may assert (M5). */
export function asserted(asserts: Provider['asserts'], attributes: Attributes): Attributes {
  const { roles, groups, tenant, plan } = attributes
  return {
    ...attributes,
    roles: among(asserts.roles, roles),
    groups: among(asserts.groups, groups),
    tenant: tenant !== null && isAmong(asserts.tenants, tenant) ? tenant : null,
    plan: plan !== null && isAmong(asserts.plans, plan) ? plan : null,
  }
}

const isAmong = (assertable: readonly string[], value: string): boolean =>
  assertable.includes(any) || assertable.includes(value)

const among = (assertable: readonly string[], values: readonly string[]): readonly string[] =>
  assertable.includes(any) ? values : values.filter((value) => assertable.includes(value))

/** Where a caller comes from: the provider that verified it. */
type Verifier = Pick<Principal, 'level'> & {
  readonly name: string
  readonly object: string
  readonly asserts: Provider['asserts']
}

/** A caller of whom a provider says these claims, cut down to what it may assert. */
export const principalOfClaims = (
  { object, name, level, asserts }: Verifier,
  { issuer, subject }: Pick<Principal, 'issuer' | 'subject'>,
  attributes: Attributes,
  rest: Pick<Principal, 'claims' | 'token' | 'expiresAt'>,
): Principal => ({
  id: principalId(object, issuer, subject),
  provider: name,
  providerObject: object,
  level,
  issuer,
  subject,
  ...asserted(asserts, attributes),
  clientId: null,
  ...rest,
})

/** The id of a principal (M5). */
export const principalId = (providerObject: string, issuer: string, subject: string): string =>
  JSON.stringify([providerObject, issuer, subject])

/** Whether a check of this level may believe a caller: only one that a provider of its level or a wider one names (M5). */
export const believed = (principal: Principal | null, level: number): Principal | null =>
  principal !== null && principal.level <= level ? principal : null
