import type { Expression } from './expressions.ts'

/** What random worlds are made of: policies over one route with three rules, and requests to it. */

export const roles = ['reader', 'writer'] as const
export const tenants = ['acme', 'globex'] as const
export const teams = ['red', 'blue'] as const

/** How wide: the contract's `level`. */
export type Level = 0 | 1 | 2 | 3 | 4

/** The rules of the route, by what they match: `/a` and below, the template `/t/{tenant}/{id}`, all else. */
export const sections = ['a', 't', 'rest'] as const
export type Section = (typeof sections)[number]

export type Condition =
  | { readonly attribute: 'Role' | 'Scope' | 'Tenant'; readonly anyOf: readonly string[] }
  | { readonly attribute: 'Role' | 'Scope'; readonly allOf: readonly string[] }
  | { readonly attribute: 'Claim'; readonly path: readonly string[]; readonly anyOf: readonly string[] }
  | { readonly attribute: 'ClientCertificate'; readonly subjectAltNames: readonly { type: 'URI'; pattern: string }[] }
  | { readonly attribute: 'Authenticated' }
  | { readonly attribute: 'Anyone' }

export interface Unless {
  readonly sourceCIDRs?: readonly string[]
  readonly principal?: readonly Condition[]
  readonly expression?: Expression
}

export interface PathShape {
  readonly type: 'Exact' | 'PathPrefix' | 'Template'
  readonly value: string
}

export interface RuleShape {
  readonly name: string
  readonly action: 'Deny' | 'Require' | 'Allow'
  readonly methods?: readonly string[]
  readonly paths?: readonly PathShape[]
  readonly principal?: readonly Condition[]
  readonly expression?: Expression
  readonly unless?: Unless
  readonly mode?: 'Shadow'
}

export const providerKinds = ['jwt', 'apiKey', 'introspection', 'mtls', 'anonymous'] as const
export type ProviderKind = (typeof providerKinds)[number]

export interface ProviderShape {
  readonly kind: ProviderKind
  readonly roles: readonly string[]
  readonly tenants: readonly string[]
}

/** What narrower policies may choose. */
export interface BoundsShape {
  readonly providers: 'Own' | 'Any'
  readonly anonymous: 'Forbid' | 'Allow'
  /** Of anonymous: whether the one route there is is exempt, only the same host of another namespace is, or nothing. */
  readonly exempt: 'Route' | 'Elsewhere' | null
}

export interface PolicyShape {
  readonly name: string
  readonly level: Level
  /** Of level 4: the rule. */
  readonly section: Section
  readonly age: number
  readonly shadow: boolean
  readonly providers: readonly ProviderShape[]
  /** Names of providers of others. */
  readonly use: readonly string[]
  readonly bounds: BoundsShape | null
  readonly rules: readonly RuleShape[]
  readonly sourceIPs: { readonly allow: readonly string[]; readonly deny: readonly string[] } | null
}

export type PolicySet = readonly PolicyShape[]

/** Names of providers differ, because a narrower policy must not define what a wider one has. */
export const providerName = ({ name }: Pick<PolicyShape, 'name'>, kind: ProviderKind): string =>
  `${name}-${kind.toLowerCase()}`

/** What is said of a caller. */
export interface Facts {
  readonly roles: readonly string[]
  readonly tenant: string | null
  readonly scopes: readonly string[]
  readonly team: string | null
}

/** What a caller shows in headers. */
export type Shown =
  | { readonly type: 'nothing' }
  /** A JWT; one that is not sound was signed by somebody else. */
  | { readonly type: 'token'; readonly facts: Facts; readonly sound: boolean }
  /** A token that only its issuer understands; one that is not sound was issued for somebody else. */
  | { readonly type: 'opaque'; readonly facts: Facts; readonly sound: boolean }
  | { readonly type: 'key'; readonly client: 'acme-client' | 'globex-client' | 'unknown' }
  /** A sound JWT and a good key. */
  | { readonly type: 'both' }

/** Who holds a client certificate: one that providers take, one of another name. */
export type Holder = 'web' | 'stranger'

export interface RequestShape {
  readonly method: string
  readonly path: string
  readonly shown: Shown
  /** Of the connection; null = it has none, or there is no TLS. */
  readonly certificate: Holder | null
  readonly source: string
  /** Value of the header X-Team; null = it is not there. */
  readonly header: string | null
}

/** Of a token that comes beside a key. */
export const soundFacts: Facts = { roles: ['reader'], tenant: 'acme', scopes: [], team: null }
