import { gatehouseStatus, group, kinds, version, type GatehouseStatus } from '@gatehouse/crds'
import { KubeError, type KubeClient, type KubeObject } from '@gatehouse/controller/kube'
import { listed } from '../listed.ts'
import { CommandError, exitStatus } from '../exit.ts'

type Condition = NonNullable<GatehouseStatus['conditions']>[number]

/** An installation and what its controller says of its data planes. */
export interface Installation {
  readonly namespace: string
  readonly name: string
  /** null = no controller has reported yet. */
  readonly fleet: GatehouseStatus['fleet'] | null
  /** What its controller said last of the whole, listeners included; null = nothing yet. */
  readonly programmed: Pick<Condition, 'status' | 'reason'> | null
}

/** Which installations are asked for. */
export interface Wanted {
  /** null = all. */
  readonly namespace: string | null
  /** null = all. */
  readonly name: string | null
}

const unreadable = (sentence: string): CommandError => new CommandError(sentence, exitStatus.unreadable)

function installationOf({ metadata, status }: KubeObject): Installation {
  const { namespace, name } = metadata as { readonly namespace: string; readonly name: string }
  const read = gatehouseStatus.safeParse(status ?? {})
  if (read.success) {
    const { fleet = null, conditions = [] } = read.data
    const condition = conditions.find(({ type }) => type === 'Programmed')
    const programmed = condition ? { status: condition.status, reason: condition.reason } : null
    return { namespace, name, fleet, programmed }
  }
  throw unreadable(`the status of ${namespace}/${name} is of another version of Gatehouse; use the command of that one`)
}

const described = ({ namespace, name }: Wanted): string =>
  `Gatehouse${name === null ? '' : ` ${name}`}${namespace === null ? '' : ` in namespace ${namespace}`}`

/** What is to be done about an answer of the API server. */
function remedyOf({ status }: KubeError, { namespace }: Wanted): string {
  if (status === 404)
    return 'the CustomResourceDefinitions of Gatehouse are not installed; helm install charts/gatehouse-crds brings them'
  if (status === 401) return 'the API server does not know the user of the kubeconfig'
  if (status !== 403) return `the API server answered ${status}`
  return `the user of the kubeconfig may not list Gatehouses${namespace === null ? ' of all namespaces; name one with -n' : ''}`
}

/**
 * The installations of a cluster, sorted.
 *
 * @throws CommandError when there is none, or when they cannot be read
 */
export async function installationsIn(
  client: Pick<KubeClient, 'list'>,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<readonly Installation[]> {
  const scope = wanted.namespace === null ? '' : `/namespaces/${encodeURIComponent(wanted.namespace)}`
  const path = `/apis/${group}/${version}${scope}/${kinds.Gatehouse.plural}`
  const objects = await listed(client, path, signal).catch((error: unknown) => {
    throw error instanceof KubeError ? unreadable(remedyOf(error, wanted)) : error
  })
  const all = objects.map(installationOf).filter(({ name }) => wanted.name === null || name === wanted.name)
  if (all.length === 0) throw unreadable(`there is no ${described(wanted)}`)
  const place = ({ namespace, name }: Installation): string => `${namespace}/${name}`
  return all.sort((a, b) => (place(a) < place(b) ? -1 : 1))
}
