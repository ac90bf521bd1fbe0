import type { AccessPolicySpec } from '@gatehouse/crds'

type Authentication = NonNullable<AccessPolicySpec['authentication']>
type BoundsSpec = NonNullable<Authentication['bounds']>

/** The routes that are judged: those of one namespace on these hosts. */
export interface Scope {
  readonly namespace: string
  /** All host patterns that a request for it can come by. */
  readonly hostnames: readonly string[]
}

const closed: BoundsSpec = { providers: 'Own', anonymous: 'Forbid' }
const open: BoundsSpec = { providers: 'Any', anonymous: 'Allow' }

/** What policies narrower than this one may set (M2). @param platform - whether it lies in the installation's namespace */
export const boundsOf = ({ bounds, use, anyOf }: Authentication, platform: boolean): BoundsSpec =>
  bounds ?? (platform && (use ?? anyOf) ? closed : open)

/** Whether every host of one pattern is one of the other. */
const covers = (pattern: string, hostname: string): boolean =>
  pattern === hostname || (pattern.startsWith('*.') && hostname.endsWith(pattern.slice(1)))

/**
 * Whether requests without a credential may pass. A route is exempt only if whatever host a request for it can have is:
 * one host that is not, or a wildcard that is wider than the exemption, and the whole route is bound.
 */
export function allowsAnonymous({ anonymous, exemptions = [] }: BoundsSpec, { namespace, hostnames }: Scope): boolean {
  if (anonymous === 'Allow') return true
  const patterns = exemptions.flatMap((one) => (one.namespaces.includes(namespace) ? one.hostnames : []))
  return hostnames.length > 0 && hostnames.every((host) => patterns.some((pattern) => covers(pattern, host)))
}
