import { worldOf } from '@gatehouse/controller'
import { parseSpec, type Json } from '@gatehouse/crds'
import type { Configuration } from '../explain/configuration.ts'

/** The Secret that the store of a Gatehouse is logged in to with, `namespace/name`; null = it asks for none. */
function secretOf(raw: Readonly<Record<string, unknown>> | undefined, namespace: string): string | null {
  const parsed = parseSpec('Gatehouse', raw?.['spec'])
  const name = parsed.ok ? parsed.spec.quotaStore.redis?.secretRef?.name : undefined
  return name === undefined ? null : `${namespace}/${name}`
}

/**
 * Which object nobody can ask the store without, as a sentence; null = all are there.
 *
 * @param cluster - whether the objects are those of a cluster
 */
export function missingForStore(
  documents: readonly Json[],
  { gatehouse, isStandIn }: Pick<Configuration, 'gatehouse' | 'isStandIn'>,
  cluster: boolean,
): string | null {
  const lack = cluster ? 'is not in the cluster, or may not be read' : 'is not in the folder; add it or use --cluster'
  if (isStandIn) return `Gatehouse ${gatehouse} ${lack}`
  const world = worldOf(documents, 'Equal')
  const [namespace = ''] = gatehouse.split('/')
  const secret = secretOf(world.Gatehouse.get(gatehouse)?.raw, namespace)
  return secret === null || world.Secret.has(secret) ? null : `Secret ${secret} ${lack}`
}
