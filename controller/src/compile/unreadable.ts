import { parseSpec, type GatewayRouteSpec, type SpecIssue } from '@gatehouse/crds'
import type { WorldObject } from '../world.ts'
import { note } from './findings.ts'
import type { Installation } from './gatehouse.ts'
import { memoised } from './memo.ts'
import { anyListener, parentsOf, type Parent, type ParentSources } from './parents.ts'
import { issuePlaces } from './parsed.ts'
import { isMembers, listOf, member } from './raw.ts'

/** A spec that is sound but for what is put into it. */
const sound = {
  hostnames: ['a.example'],
  rules: [{ name: 'any', backendRefs: [{ name: 'any', port: 1 }] }],
}

const maxHostnames = 16

/** What can be read of a route that as a whole cannot. */
interface Readable {
  readonly hostnames: readonly string[]
  /** null when its parents cannot be read: any may be meant. */
  readonly parentRefs: GatewayRouteSpec['parentRefs'] | null
}

const readable = memoised((object: WorldObject): Readable => {
  const spec = object.raw['spec']
  const hostnames = listOf(member(spec, 'hostnames')).flatMap((hostname) => {
    const parsed = parseSpec('GatewayRoute', { ...sound, hostnames: [hostname] })
    return parsed.ok ? parsed.spec.hostnames : []
  })
  const unique = [...new Set(hostnames)].slice(0, maxHostnames)
  if (!isMembers(spec) || !Object.hasOwn(spec, 'parentRefs')) return { hostnames: unique, parentRefs: undefined }
  const parsed = parseSpec('GatewayRoute', { ...sound, parentRefs: spec['parentRefs'] })
  return { hostnames: unique, parentRefs: parsed.ok ? parsed.spec.parentRefs : null }
})

/**
 * Where a route that cannot be read would be: on the readable ones of its hostnames that its namespace may serve, and
 * on its listeners as far as they can be read. There, what would fall through to another rule of the namespace is
 * refused (M7).
 */
export function unreadableRoute(
  object: WorldObject,
  issues: readonly SpecIssue[],
  sources: { readonly installation: Installation; readonly parents: ParentSources },
): { readonly hostnames: readonly string[]; readonly parents: readonly Parent[] } {
  const { namespace } = object.meta
  const { hostnames, parentRefs } = readable(object)
  const mine = hostnames.filter((hostname) => sources.installation.tenancy(namespace, hostname))
  const route = { namespace, hostnames: mine }
  const parents =
    parentRefs === null ? [anyListener(route, sources.parents)] : parentsOf(parentRefs, route, sources.parents)
  const invalid = note('Accepted', 'Invalid', ...issuePlaces(issues))
  return { hostnames: mine, parents: parents.map((parent) => ({ ...parent, notes: [invalid] })) }
}
