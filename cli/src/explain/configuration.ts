import { worldOf, type Verdict } from '@gatehouse/controller'
import type { SealedResource } from '@gatehouse/contract'
import type { Json } from '@gatehouse/crds'
import { createExplainer, type Clock, type Explainer } from '@gatehouse/dataplane'
import { candidates, type Candidate } from '../check/standIn.ts'
import { compiled } from '../check/verdicts.ts'
import { CommandError, exitStatus } from '../exit.ts'
import { unknownClient, withoutClient } from './clientSecrets.ts'
import { standInClient, standInKeySets, type DescribedClient } from './standInObjects.ts'

/** Objects as a controller would compile them, ready to be asked. */
export interface Configuration {
  /** `namespace/name` of the Gatehouse. */
  readonly gatehouse: string
  /** True when the objects hold no such Gatehouse, and one that permits everything stands in for it. */
  readonly isStandIn: boolean
  /** What the controller would say about each object. */
  readonly verdicts: readonly Verdict[]
  /** What data planes would execute. */
  readonly resources: readonly SealedResource[]
  /** Why nobody is taken for a client that is looked up, as a sentence; null = it is known. */
  unknownClient(id: string): string | null
  /** @param client - of an API key that is described instead of looked up; null = none */
  explainer(client: DescribedClient | null): Explainer
  close(): void
}

function chosen(all: readonly Candidate[], wanted: string | null): Candidate {
  const names = all.map(({ key }) => key).join(', ')
  if (wanted !== null) {
    const found = all.find(({ key }) => key === wanted)
    if (!found) throw new CommandError(`nothing is about Gatehouse ${wanted}; there is ${names}`, exitStatus.unreadable)
    return found
  }
  const own = all.filter(({ standIn }) => standIn === null)
  const [first, second] = own.length > 0 ? own : all
  if (first === undefined || second !== undefined)
    throw new CommandError(`there are several Gatehouses: ${names}; choose one with --gatehouse`, exitStatus.unreadable)
  return first
}

/**
 * @param documents - objects as the API server would store them
 * @param wanted - `namespace/name` of the Gatehouse; null = the only one
 * @throws CommandError when it cannot be told which Gatehouse is meant
 */
export function configurationOf(documents: readonly Json[], wanted: string | null, clock: Clock): Configuration {
  const world = worldOf(documents, 'FromMetadata')
  const candidate = chosen(candidates(world), wanted)
  const own = compiled(candidate, documents, 'FromMetadata')
  const keySets = standInKeySets(world)
  const explainers = new Map<string, Explainer>()
  return {
    gatehouse: candidate.key,
    isStandIn: candidate.standIn !== null,
    verdicts: own.verdicts,
    resources: own.resources,
    unknownClient: (id) => unknownClient(documents, id),
    explainer: (client) => {
      const key = JSON.stringify(client)
      const known = explainers.get(key)
      if (known) return known
      const all =
        client === null ? documents : [...withoutClient(documents, client.id), ...standInClient(world, client)]
      const explainer = createExplainer(compiled(candidate, [...all, ...keySets], 'FromMetadata').resources, clock)
      explainers.set(key, explainer)
      return explainer
    },
    close: () => {
      for (const explainer of explainers.values()) explainer.close()
    },
  }
}
