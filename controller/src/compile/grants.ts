import { group } from '@gatehouse/crds'
import type { WorldObject } from '../world.ts'
import { memoised } from './memo.ts'
import { listOf, member, textOf } from './raw.ts'

/** Who refers. */
export interface Referrer {
  readonly kind: 'Gatehouse' | 'GatewayRoute' | 'AccessPolicy'
  readonly namespace: string
}

/** What can be granted. */
export type GrantedKind = 'Service' | 'Secret' | 'ConfigMap'

/** What is referred to. */
export interface Referent {
  readonly kind: GrantedKind
  readonly namespace: string
  readonly name: string
}

interface Grant {
  readonly from: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[]
  /** `name` null = all of the kind. */
  readonly to: readonly { readonly group: string; readonly kind: string; readonly name: string | null }[]
}

/** An entry of which a part cannot be read grants nothing: least of all more than was written. */
const grantOf = memoised((object: WorldObject): Grant => {
  const spec = object.raw['spec']
  const from = listOf(member(spec, 'from')).flatMap((entry) => {
    const [api, kind, namespace] = ['group', 'kind', 'namespace'].map((key) => textOf(member(entry, key)))
    return api === undefined || kind === undefined || namespace === undefined ? [] : [{ group: api, kind, namespace }]
  })
  const to = listOf(member(spec, 'to')).flatMap((entry) => {
    const [api, kind] = ['group', 'kind'].map((key) => textOf(member(entry, key)))
    const name = member(entry, 'name') === undefined ? null : textOf(member(entry, 'name'))
    return api === undefined || kind === undefined || name === undefined ? [] : [{ group: api, kind, name }]
  })
  return { from, to }
})

/** The namespaces that a ReferenceGrant names as those that may refer. */
export const grantees = (object: WorldObject): readonly string[] =>
  grantOf(object).from.flatMap((one) => (one.group === group ? [one.namespace] : []))

const permits = (object: WorldObject, from: Referrer, to: Referent): boolean => {
  const grant = grantOf(object)
  return (
    object.meta.namespace === to.namespace &&
    grant.from.some((one) => one.group === group && one.kind === from.kind && one.namespace === from.namespace) &&
    grant.to.some((one) => one.group === '' && one.kind === to.kind && (one.name ?? to.name) === to.name)
  )
}

/**
 * Whether an object may be referred to: within a namespace always, across namespaces as far as a ReferenceGrant of the
 * Gateway API beside the object says so. It is asked before anything is said of the object, even that there is none.
 *
 * @param grants - those that the referrer's view of the world has
 */
export function mayRefer(grants: Iterable<WorldObject>, from: Referrer, to: Referent): boolean {
  if (from.namespace === to.namespace) return true
  for (const grant of grants) if (permits(grant, from, to)) return true
  return false
}
