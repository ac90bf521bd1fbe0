import { setImmediate as turn } from 'node:timers/promises'
import type { KubeObject } from '../kube/client.ts'
import { secretsIn, type Secrets } from '../kube/secrets.ts'

/** Secrets of one namespace in memory, behind the API server's rules of resourceVersions. */
export interface MemorySecrets {
  readonly secrets: Secrets
  /** Names in the order in which they were written. */
  readonly writes: string[]
  /** The entry of a Secret as text; undefined when there is none. */
  entry(name: string, key: string): string | undefined
  /** Replaces an entry as a person would; null removes it. */
  setEntry(name: string, key: string, text: string | null): void
  object(name: string): KubeObject | undefined
  setObject(name: string, object: KubeObject | null): void
}

type SecretObject = KubeObject & { readonly data?: Readonly<Record<string, string>> }

const metadataOf = (object: KubeObject) =>
  object['metadata'] as { readonly name: string; readonly resourceVersion: string }

export function memorySecrets(namespace: string): MemorySecrets {
  const objects = new Map<string, SecretObject>()
  const writes: string[] = []
  let version = 0
  const store = (name: string, object: KubeObject): KubeObject => {
    version += 1
    const metadata = { ...metadataOf(object), resourceVersion: String(version) }
    const stored = { ...object, metadata }
    objects.set(name, stored)
    return stored
  }
  const last = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
  // Every request takes a turn, so that two that run at once do mix.
  const secrets = secretsIn(namespace, {
    get: async (path) => {
      await turn()
      return objects.get(last(path)) ?? null
    },
    create: async (_path, body) => {
      await turn()
      const object = body as KubeObject
      const { name } = metadataOf(object)
      if (objects.has(name)) return 'conflict'
      writes.push(name)
      return { object: store(name, object) }
    },
    put: async (path, body) => {
      await turn()
      const [name, object] = [last(path), body as KubeObject]
      const present = objects.get(name)
      if (!present) return 'gone'
      if (metadataOf(present).resourceVersion !== metadataOf(object).resourceVersion) return 'conflict'
      writes.push(name)
      return { object: store(name, object) }
    },
  })
  const entry = (name: string, key: string): string | undefined => {
    const base64 = objects.get(name)?.data?.[key]
    return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString()
  }
  const setEntry = (name: string, key: string, text: string | null): void => {
    const object = objects.get(name)
    if (!object) throw new Error(`there is no Secret ${name}`)
    const { [key]: _replaced, ...others } = object.data ?? {}
    const data = text === null ? others : { ...others, [key]: Buffer.from(text).toString('base64') }
    store(name, { ...object, data })
  }
  const setObject = (name: string, object: KubeObject | null): void => {
    if (object) store(name, object)
    else objects.delete(name)
  }
  return { secrets, writes, entry, setEntry, object: (name) => objects.get(name), setObject }
}
