/** What an AccessPolicy of a folder says that it is about, whether it would be taken or not. */
export interface PolicyTarget {
  /** As written: GatewayRoute, Namespace, Gatehouse, or what is none of these. */
  readonly kind: string
  /** Of the policy. */
  readonly namespace: string
  readonly name: string
  /** The rule of a route; null = the whole target. */
  readonly section: string | null
}

/** A route, or some of its rules. */
export interface TargetedRoute {
  readonly namespace: string
  readonly name: string
  /** null = all of them. */
  readonly rules: readonly string[] | null
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined

const textOf = (value: unknown, name: string): string | null => {
  const member = memberOf(value, name)
  return typeof member === 'string' ? member : null
}

/** The targets of a document as far as they can be read; none unless it is an AccessPolicy. */
export function policyTargets(document: unknown): readonly PolicyTarget[] {
  const refs = memberOf(memberOf(document, 'spec'), 'targetRefs')
  if (textOf(document, 'kind') !== 'AccessPolicy' || !Array.isArray(refs)) return []
  const namespace = textOf(memberOf(document, 'metadata'), 'namespace') ?? 'default'
  return refs.flatMap((ref: unknown): readonly PolicyTarget[] => {
    const kind = textOf(ref, 'kind')
    const name = textOf(ref, 'name')
    return kind === null || name === null ? [] : [{ kind, namespace, name, section: textOf(ref, 'sectionName') }]
  })
}

/**
 * Whether a policy with this target may be one for the rules. A policy of a Gatehouse may be one for every route, since
 * a folder need not say which route is on which.
 */
export function mayTarget({ kind, namespace, name, section }: PolicyTarget, route: TargetedRoute): boolean {
  if (kind === 'Gatehouse') return true
  if (kind === 'Namespace') return name === route.namespace
  if (kind !== 'GatewayRoute' || namespace !== route.namespace || name !== route.name) return false
  return section === null || route.rules === null || route.rules.includes(section)
}
