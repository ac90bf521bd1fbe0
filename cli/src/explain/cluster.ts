import { secretTypes } from '@gatehouse/controller'
import { KubeError, type KubeClient, type KubeObject } from '@gatehouse/controller/kube'
import { group, kinds, version, type Json } from '@gatehouse/crds'
import { withCluster } from '../cluster.ts'
import { listed } from '../listed.ts'
import { CommandError, exitStatus } from '../exit.ts'

/** A kind that decisions depend on. */
interface Collection {
  readonly kind: string
  readonly apiVersion: string
  readonly path: string
  /** Which of its objects. */
  readonly query: Readonly<Record<string, string>>
  /** What is not known without it; null = nothing can be said at all. */
  readonly without: string | null
}

const own = `${group}/${version}`

const collections: readonly Collection[] = [
  ...Object.values(kinds).map(({ kind, plural }) => ({
    kind,
    apiVersion: own,
    path: `/apis/${own}/${plural}`,
    query: {},
    without: null,
  })),
  { kind: 'Namespace', apiVersion: 'v1', path: '/api/v1/namespaces', query: {}, without: 'labels of namespaces' },
  { kind: 'ConfigMap', apiVersion: 'v1', path: '/api/v1/configmaps', query: {}, without: 'key sets in ConfigMaps' },
  ...[
    secretTypes.apiKeys,
    secretTypes.introspectionClient,
    secretTypes.certificate,
    secretTypes.caCertificates,
    secretTypes.quotaStore,
  ].map((type) => ({
    kind: 'Secret',
    apiVersion: 'v1',
    path: '/api/v1/secrets',
    query: { fieldSelector: `type=${type}` },
    without: `Secrets of type ${type}`,
  })),
]

/** What is read of a cluster, and what could not be. */
interface ClusterObjects {
  readonly documents: readonly Json[]
  readonly notes: readonly string[]
}

const documentOf = (object: KubeObject, { kind, apiVersion }: Collection): Json => ({ ...object, kind, apiVersion })

async function collected(
  client: Pick<KubeClient, 'list'>,
  collection: Collection,
  signal: AbortSignal,
): Promise<ClusterObjects> {
  const { kind, path, query, without } = collection
  try {
    const objects = await listed(client, path, signal, query)
    return { documents: objects.map((object) => documentOf(object, collection)), notes: [] }
  } catch (error) {
    if (!(error instanceof KubeError)) throw error
    const sentence = `the user of the kubeconfig cannot list all ${kind} objects (${error.status})`
    if (without === null) throw new CommandError(sentence, exitStatus.unreadable)
    return { documents: [], notes: [`${sentence}; ${without} count as missing`] }
  }
}

/** @throws CommandError when Gatehouse's own kinds cannot be read */
export async function objectsIn(client: Pick<KubeClient, 'list'>, signal: AbortSignal): Promise<ClusterObjects> {
  const parts: ClusterObjects[] = []
  for (const collection of collections) parts.push(await collected(client, collection, signal))
  return { documents: parts.flatMap(({ documents }) => documents), notes: parts.flatMap(({ notes }) => notes) }
}

/**
 * The objects of a cluster that decisions depend on.
 *
 * @throws CommandError when it does not answer, or Gatehouse's own kinds cannot be read
 */
export const clusterDocuments = (kubeconfig: string): Promise<ClusterObjects> => withCluster(kubeconfig, objectsIn)
