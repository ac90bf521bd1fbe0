import type { Compilation } from '@gatehouse/controller'
import { adviceFor, openRoutes, type OpenRoute } from './advice.ts'
import type { FolderContent } from './folder/content.ts'
import { placeText } from './folder/documents.ts'
import type { Fault } from './folder/objects.ts'
import { mayTarget, policyTargets } from './folder/policyTargets.ts'
import { plainText } from './plainText.ts'

/** What to mend before anybody can tell which policy a route lacks; null = nothing. */
function toMend(route: OpenRoute, faults: readonly Fault[]): string | null {
  const subject = `GatewayRoute ${route.namespace}/${route.name}`
  const refused = faults.find(({ targets }) => targets.some((one) => mayTarget(one, route)))
  if (refused) {
    const { place, subject: policy } = refused
    const named = policy === null ? 'an AccessPolicy without a name' : policy
    return `${subject} is answered 403 while its policy ${named} (${placeText(place)}) is refused; mend that.`
  }
  const unknown = faults.find((one) => one.subject === null)
  if (unknown === undefined) return null
  return `${subject} is answered 403, as far as the folder can be read; mend ${placeText(unknown.place)} first.`
}

/**
 * What would protect or open the routes of a folder that answer 403 for want of a policy. Where one of the user's own
 * is refused, or cannot be read, that is to be mended, since another under its name would take its place.
 */
export function folderAdvice(
  { objects, faults }: FolderContent,
  compilations: readonly Compilation[],
): readonly string[] {
  const names = new Set([...objects.keys(), ...faults.flatMap(({ subject }) => subject ?? [])])
  const targets = [...objects.values()].flatMap(({ object }) => policyTargets(object))
  const advice = compilations.flatMap(openRoutes).map((route) => {
    const mend = toMend(route, faults)
    if (mend !== null) return `${plainText(mend)}\n`
    return adviceFor(route, {
      isTaken: (name) => names.has(`AccessPolicy ${route.namespace}/${name}`),
      isTargeted: targets.some((one) => mayTarget(one, route)),
    })
  })
  return [...new Set(advice)]
}
