import type { AccessPolicySpec } from '@gatehouse/crds'
import { overlap } from './altNames.ts'

type Provider = NonNullable<NonNullable<AccessPolicySpec['authentication']>['anyOf']>[number]
type Location = NonNullable<Provider['apiKey']>['from'][number]

/** What tells the credentials of one provider from those of another (M3). */
export interface Claimant {
  readonly spec: Provider
  /** Anchors that an mtls provider narrows to; null = any of the listener. */
  readonly anchors: readonly string[] | null
}

const prefixOf = (location: Location): string => (location.prefix ?? '').toLowerCase()

/** One header value can be read by both: the same header, and one prefix begins with the other. */
const shareHeader = (a: Location, b: Location): boolean =>
  a.header !== undefined &&
  a.header.toLowerCase() === b.header?.toLowerCase() &&
  (prefixOf(a).startsWith(prefixOf(b)) || prefixOf(b).startsWith(prefixOf(a)))

/** One text can be read by both. Names of cookies and parameters differ by case. */
const sharePlace = (a: Location, b: Location): boolean =>
  shareHeader(a, b) ||
  (a.cookie !== undefined && a.cookie === b.cookie) ||
  (a.query !== undefined && a.query === b.query)

const sharesPlace = (a: readonly Location[], b: readonly Location[]): boolean =>
  a.some((one) => b.some((other) => sharePlace(one, other)))

/** With one prefix the form and the issuer decide; with two, a token behind one can look like a key behind the other. */
const tokenLooksOpaque = (tokens: readonly Location[], opaque: readonly Location[]): boolean =>
  tokens.some((token) => opaque.some((key) => sharePlace(token, key) && prefixOf(token) !== prefixOf(key)))

const disjoint = (a: readonly string[] | null, b: readonly string[] | null): boolean =>
  a !== null && b !== null && !a.some((anchor) => b.includes(anchor))

/** Whether two entries could claim one credential (M3). Anonymous claims none. */
export function couldClaimTheSame(a: Claimant, b: Claimant): boolean {
  if (a.spec.mtls && b.spec.mtls) {
    if (disjoint(a.anchors, b.anchors)) return false
    const others = b.spec.mtls.subjectAltNames
    return a.spec.mtls.subjectAltNames.some((one) => others.some((other) => overlap(one, other)))
  }
  if (a.spec.jwt && b.spec.jwt) {
    return a.spec.jwt.issuer === b.spec.jwt.issuer && sharesPlace(a.spec.jwt.from, b.spec.jwt.from)
  }
  const [left, right] = [opaqueFrom(a.spec), opaqueFrom(b.spec)]
  if (left && right) return sharesPlace(left, right)
  const tokens = a.spec.jwt ?? b.spec.jwt
  const opaque = left ?? right
  return tokens !== undefined && opaque !== undefined && tokenLooksOpaque(tokens.from, opaque)
}

/** Where a provider takes credentials of any form. Introspection takes what no jwt entry claims, so also tokens (M3). */
const opaqueFrom = ({ apiKey, introspection }: Provider): readonly Location[] | undefined =>
  apiKey?.from ?? introspection?.from
