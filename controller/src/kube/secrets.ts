import type { Json } from '@gatehouse/contract'
import { decodedText, isMembers, member, membersOf, textOf } from '../compile/raw.ts'
import type { KubeClient, KubeObject } from './client.ts'
import { KubeError } from './kubeError.ts'

/** Entries of a Secret as text; an entry that is not text is empty here. */
export type SecretData = ReadonlyMap<string, string>

/** A Secret as it was read. */
export interface Secret {
  readonly name: string
  readonly type: string
  readonly labels: ReadonlyMap<string, string>
  readonly annotations: ReadonlyMap<string, string>
  readonly data: SecretData
  /** All of it, with the resourceVersion that an update needs. */
  readonly object: KubeObject
}

/** A Secret that does not exist yet. */
export interface NewSecret {
  readonly name: string
  readonly type: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly data: Readonly<Record<string, string>>
}

/** What an update changes; whatever it does not name stays. */
export interface SecretChanges {
  readonly annotations: Changes
  readonly data: Changes
}

/** New values by key; null removes the one that there is. */
export type Changes = Readonly<Record<string, string | null>>

/** `conflict`: somebody else created, changed or removed it since it was read. */
export type SecretWritten = 'written' | 'conflict'

/** The Secrets of one namespace, one at a time and by name. Rejects as {@link KubeClient} does. */
export interface Secrets {
  get(name: string): Promise<Secret | null>
  create(secret: NewSecret): Promise<SecretWritten>
  update(secret: Secret, changes: SecretChanges): Promise<SecretWritten>
}

const fieldManager = 'gatehouse-certs'

const textsOf = (value: Json | undefined): ReadonlyMap<string, string> =>
  new Map(membersOf(value).map(([key, text]) => [key, textOf(text) ?? '']))

function secretOf(name: string, object: KubeObject): Secret {
  const metadata = object['metadata']
  return {
    name,
    type: textOf(object['type']) ?? '',
    labels: textsOf(member(metadata, 'labels')),
    annotations: textsOf(member(metadata, 'annotations')),
    data: new Map(membersOf(object['data']).map(([key, base64]) => [key, decodedText(base64) ?? ''])),
    object,
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

function merged(value: Json | undefined, changes: Changes, encode: (text: string) => string): Json {
  const entries = new Map(membersOf(value))
  for (const [key, text] of Object.entries(changes)) {
    if (text === null) entries.delete(key)
    else entries.set(key, encode(text))
  }
  return Object.fromEntries(entries)
}

function changed({ object }: Secret, changes: SecretChanges): KubeObject {
  const metadata = isMembers(object['metadata']) ? object['metadata'] : {}
  const annotations = merged(metadata['annotations'], changes.annotations, (text) => text)
  return { ...object, metadata: { ...metadata, annotations }, data: merged(object['data'], changes.data, base64) }
}

export function secretsIn(namespace: string, client: Pick<KubeClient, 'get' | 'create' | 'put'>): Secrets {
  const collection = `/api/v1/namespaces/${namespace}/secrets`
  return {
    get: async (name) => {
      const object = await client.get(`${collection}/${name}`)
      return object && secretOf(name, object)
    },
    create: async ({ name, type, labels, annotations, data }) => {
      const entries = Object.fromEntries(Object.entries(data).map(([key, text]) => [key, base64(text)]))
      const metadata = { name, namespace, labels, annotations }
      const written = await client.create(collection, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata,
        type,
        data: entries,
      })
      // What is not found when something is created is the namespace.
      if (written === 'gone') throw new KubeError(404, 'NotFound')
      return written === 'conflict' ? 'conflict' : 'written'
    },
    update: async (secret, changes) => {
      const written = await client.put(`${collection}/${secret.name}`, changed(secret, changes), fieldManager)
      return typeof written === 'string' ? 'conflict' : 'written'
    },
  }
}
