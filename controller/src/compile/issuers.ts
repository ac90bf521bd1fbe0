import { canonicalJson, type ResourceSpec } from '@gatehouse/contract'
import { memoised } from './memo.ts'

type KeySet = ResourceSpec<'keySet'>
type Inline = Extract<KeySet, { type: 'Inline' }>

/** A server that is believed instead of keys. */
interface Asked {
  readonly type: 'Introspection'
  readonly url: string
}

/** An issuer and the keys, or the server, with which it is believed. */
export interface IssuerKeys {
  readonly issuer: string
  readonly keys: KeySet | Asked
}

/** The issuers that the installation registers: nobody else can use them with other keys (M5). */
export interface Issuers {
  /** `namespace/name` of a policy that registers the issuer, while none does so with these keys; null = they may be used. */
  registeredElsewhere(used: IssuerKeys): string | null
}

/** Of one policy. */
export interface Registration extends IssuerKeys {
  /** `namespace/name`. */
  readonly policy: string
}

const textsOf = memoised((keys: Inline['keys']): ReadonlySet<string> => new Set(keys.map((key) => canonicalJson(key))))

/** Whether all keys of one set are in the other. Of what is fetched or asked only its address tells. */
function within(used: IssuerKeys['keys'], registered: IssuerKeys['keys']): boolean {
  if (used.type === 'Introspection' || registered.type === 'Introspection') {
    return used.type === 'Introspection' && registered.type === 'Introspection' && used.url === registered.url
  }
  if (used.type === 'Remote' || registered.type === 'Remote') {
    return used.type === 'Remote' && registered.type === 'Remote' && used.uri === registered.uri
  }
  const known = textsOf(registered.keys)
  return [...textsOf(used.keys)].every((key) => known.has(key))
}

export function issuersOf(registrations: readonly Registration[]): Issuers {
  const byIssuer = Map.groupBy(registrations, ({ issuer }) => issuer)
  return {
    registeredElsewhere({ issuer, keys }) {
      const own = byIssuer.get(issuer) ?? []
      return own.some((one) => within(keys, one.keys)) ? null : (own[0]?.policy ?? null)
    },
  }
}

/** Where nothing is registered. */
export const noIssuers: Issuers = issuersOf([])
