import { decodedText, isMembers, member, membersOf, secretTypes, textOf } from '@gatehouse/controller'
import { KubeError, type KubeClient, type KubeObject } from '@gatehouse/controller/kube'
import { CommandError, exitStatus } from '../exit.ts'
import { missing, type Change, type KeySecret, type KeyStore } from './keySecret.ts'

/** Which Secrets of a cluster. */
export interface Wanted {
  readonly namespace: string
  /** null = all of the type, which can only be read. */
  readonly name: string | null
}

const unreadable = (sentence: string): CommandError => new CommandError(sentence, exitStatus.unreadable)

const fieldManager = 'gatehouse-cli'
const maxAttempts = 5

/** What is to be done about an answer of the API server. */
function remedyOf({ status }: KubeError, verb: string, { namespace }: Wanted): string {
  if (status === 401) return 'the API server does not know the user of the kubeconfig'
  if (status === 403) return `the user of the kubeconfig may not ${verb} Secrets in namespace ${namespace}`
  if (status === 422) return 'the API server does not take the Secret; it may be immutable'
  return `the API server answered ${status}`
}

const explained =
  (verb: string, wanted: Wanted) =>
  (error: unknown): never => {
    throw error instanceof KubeError ? unreadable(remedyOf(error, verb, wanted)) : error
  }

const dataOf = (object: KubeObject | null) => {
  const data = object?.['data']
  return isMembers(data) ? data : {}
}

function keySecretOf(object: KubeObject, namespace: string): KeySecret {
  const entries = membersOf(object['data']).map(([id, value]) => [id, decodedText(value) ?? null] as const)
  return { namespace, name: textOf(member(object['metadata'], 'name')) ?? '', entries: new Map(entries) }
}

function checkedType(object: KubeObject | null, place: string): void {
  if (object === null || object['type'] === secretTypes.apiKeys) return
  throw unreadable(`the Secret ${place} is not of type ${secretTypes.apiKeys}`)
}

/** The Secret with one client changed; null when nothing is left to do. */
function changed(object: KubeObject | null, name: string, { client, edit, labels }: Change): KubeObject {
  const data = dataOf(object)
  const before = member(data, client)
  const text = edit(before === undefined ? null : (decodedText(before) ?? ''))
  const others = Object.fromEntries(Object.entries(data).filter(([id]) => id !== client))
  const after = text === null ? others : { ...others, [client]: Buffer.from(text).toString('base64') }
  if (object !== null) return { ...object, data: after }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: labels ?? {} },
    type: secretTypes.apiKeys,
    data: after,
  }
}

/** Secrets of a cluster. A change is made of the Secret as it is, and made anew where somebody else was faster. */
export function clusterStore(
  client: Pick<KubeClient, 'get' | 'list' | 'put' | 'create'>,
  wanted: Wanted,
  signal: AbortSignal,
): KeyStore {
  const { namespace, name } = wanted
  const collection = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`
  const path = `${collection}/${encodeURIComponent(name ?? '')}`
  const place = name === null ? namespace : `${namespace}/${name}`
  const get = () => client.get(path, signal).catch(explained('get', wanted))
  const once = async (change: Change): Promise<'written' | 'conflict'> => {
    const object = await get()
    checkedType(object, place)
    if (object === null && change.labels === null) throw unreadable(missing(place))
    const next = changed(object, name ?? '', change)
    const written = object
      ? await client.put(path, next, fieldManager, signal).catch(explained('update', wanted))
      : await client.create(collection, next, signal).catch(explained('create', wanted))
    if (written === 'gone' && object === null) throw unreadable(`there is no namespace ${namespace}`)
    return typeof written === 'object' ? 'written' : 'conflict'
  }
  return {
    place,
    change: async (change) => {
      for (let attempt = 0; attempt < maxAttempts; attempt++) if ((await once(change)) === 'written') return
      throw new CommandError(`others change the Secret ${place} all the time; nothing was changed`, exitStatus.failure)
    },
    read: async () => {
      if (name !== null) {
        const object = await get()
        if (object === null) throw unreadable(missing(place))
        checkedType(object, place)
        return [keySecretOf(object, namespace)]
      }
      const query = { fieldSelector: `type=${secretTypes.apiKeys}` }
      const { items } = await client.list(collection, query, signal).catch(explained('list', wanted))
      return items.map((item) => keySecretOf(item, namespace)).sort((a, b) => (a.name < b.name ? -1 : 1))
    },
  }
}
