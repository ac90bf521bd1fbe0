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

/**
 * Reads roles, scopes and tenant from claims. An absent claim is an empty list or no tenant; one of another type spoils
 * the token, because "has no role" could open what a Deny on a role would close.
 *
 * @returns null when a claim is of another type
 */
export function mappedAttributes(map: ClaimMap, claims: Claims): Attributes | null {
  const roles = texts(map.roles, claims, (text) => [text])
  const scopes = texts(map.scopes, claims, (text) => text.split(' ').filter((word) => word !== ''))
  const tenant = map.tenant === null ? undefined : claimAt(claims, map.tenant)
  if (roles === null || scopes === null || (tenant !== undefined && typeof tenant !== 'string')) return null
  return { ...noAttributes, roles, scopes, tenant: tenant === undefined || tenant === '' ? null : tenant }
}

function texts(
  path: readonly string[] | null,
  claims: Claims,
  words: (text: string) => readonly string[],
): readonly string[] | null {
  const value = path === null ? undefined : claimAt(claims, path)
  if (value === undefined) return []
  if (typeof value === 'string') return words(value)
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : null
}

/** Cuts attributes down to what the provider may assert (M5). */
export function asserted({ roles, tenants }: Provider['asserts'], attributes: Attributes): Attributes {
  const { tenant } = attributes
  return {
    ...attributes,
    roles: roles.includes('*') ? attributes.roles : attributes.roles.filter((role) => roles.includes(role)),
    tenant: tenant !== null && (tenants.includes('*') || tenants.includes(tenant)) ? tenant : null,
  }
}

/** The id of a principal (M5). */
export const principalId = (providerObject: string, issuer: string, subject: string): string =>
  JSON.stringify([providerObject, issuer, subject])

/** Whether a check of this level may believe a caller: only one that a provider of its level or a wider one names (M5). */
export const believed = (principal: Principal | null, level: number): Principal | null =>
  principal !== null && principal.level <= level ? principal : null
