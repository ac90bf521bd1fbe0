import type { ResourceSpec } from '@gatehouse/contract'
import { isWatched, secretTypes, type World, type WorldObject } from '../world.ts'
import { backendHeaderOf, goesTo } from './backendHeaders.ts'
import { mayRefer, type Referrer } from './grants.ts'
import { publicKeysOf, type PublicKeys } from './keySets.ts'
import { memoised } from './memo.ts'
import { anchorsOf, keyPairOf } from './pem.ts'
import { decodedText, member, textOf } from './raw.ts'
import type { ConditionReason } from './reasons.ts'
import type { BackendRef } from './upstreams.ts'
import { revocationListOf, type RevocationList } from './revocationList.ts'
import { readSchema, type ReadSchema } from './schemas.ts'

/** What a reference gives: the thing, or the reason why not. */
export type Resolved<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: ConditionReason }

const resolved = <T>(value: T): Resolved<T> => ({ ok: true, value })
const unresolved = (reason: ConditionReason): Resolved<never> => ({ ok: false, reason })

/** Finds Secrets and ConfigMaps. */
export interface References {
  /** PEM anchors under `ca.crt` of a ConfigMap. */
  anchors(namespace: string, name: string): Resolved<readonly string[]>
  /** The public keys of a key set in a ConfigMap. */
  keySet(namespace: string, name: string, key: string): Resolved<PublicKeys>
  /** The revocations in a ConfigMap. */
  revocations(namespace: string, name: string, key: string): Resolved<RevocationList>
  /** The schema in a ConfigMap. */
  schema(namespace: string, name: string, key: string): Resolved<ReadSchema>
  /** Chain and key of a Secret of type kubernetes.io/tls, and the Secret. */
  keyPair(namespace: string, name: string): Resolved<{ chain: string; privateKey: string; secret: WorldObject }>
  /** The header in a Secret of type gatehouse.dev/backend-header that names this Service. */
  backendHeader(
    namespace: string,
    name: string,
    service: BackendRef,
  ): Resolved<{ readonly spec: ResourceSpec<'backendHeader'>; readonly secret: WorldObject }>
  /** A Secret of type gatehouse.dev/introspection-client. */
  introspectionClient(namespace: string, name: string): Resolved<WorldObject>
}

const configMapAnchors = memoised((configMap: WorldObject) => {
  const pem = textOf(member(configMap.raw['data'], 'ca.crt'))
  return pem === undefined ? null : { anchors: anchorsOf(pem) }
})

/** What a key of a ConfigMap holds, read once; undefined = there is no such key, null = it is not what it should be. */
function readingOf<T>(read: (text: string) => T | null): (configMap: WorldObject, key: string) => T | null | undefined {
  const readings = memoised<WorldObject, Map<string, T | null>>(() => new Map())
  return (configMap, key) => {
    const text = textOf(member(configMap.raw['data'], key))
    if (text === undefined) return undefined
    const known = readings(configMap)
    // Also that it is none: to read a bad one again for each that names it would slow every compilation.
    if (!known.has(key)) known.set(key, read(text))
    return known.get(key)
  }
}

const configMapKeySet = readingOf(publicKeysOf)
const configMapRevocations = readingOf(revocationListOf)
const configMapSchema = readingOf((text) => readSchema(text, 'Body'))

const secretKeyPair = memoised((secret: WorldObject) => {
  const chain = decodedText(member(secret.raw['data'], 'tls.crt'))
  const key = decodedText(member(secret.raw['data'], 'tls.key'))
  return chain === undefined || key === undefined ? null : keyPairOf(chain, key)
})

/**
 * @param from - who refers
 * @param missing - the reason of an object that does not exist
 */
export function referencesOf(world: World, from: Referrer, missing: 'RefNotFound' | 'NotInFolder'): References {
  const grants = [...world.ReferenceGrant.values()]
  // Of a namespace that is not watched nothing is said, not even that an object does not exist.
  const find = (kind: 'Secret' | 'ConfigMap', namespace: string, name: string): Resolved<WorldObject> => {
    if (!mayRefer(grants, from, { kind, namespace, name })) {
      return unresolved(missing === 'NotInFolder' ? missing : 'RefNotPermitted')
    }
    if (!isWatched(world, namespace)) return unresolved('NamespaceNotWatched')
    const object = world[kind].get(`${namespace}/${name}`)
    return object ? resolved(object) : unresolved(missing)
  }
  return {
    anchors(namespace, name) {
      const configMap = find('ConfigMap', namespace, name)
      if (!configMap.ok) return configMap
      const found = configMapAnchors(configMap.value)
      if (!found) return unresolved('RefNotFound')
      return found.anchors ? resolved(found.anchors) : unresolved('InvalidCertificate')
    },
    keySet(namespace, name, key) {
      const configMap = find('ConfigMap', namespace, name)
      if (!configMap.ok) return configMap
      const keys = configMapKeySet(configMap.value, key)
      if (keys === undefined) return unresolved('RefNotFound')
      return keys ? resolved(keys) : unresolved('InvalidKeySet')
    },
    backendHeader(namespace, name, service) {
      const secret = find('Secret', namespace, name)
      if (!secret.ok) return secret
      if (secret.value.raw['type'] !== secretTypes.backendHeader) return unresolved('WrongSecretType')
      if (!goesTo(secret.value, service)) return unresolved('DestinationNotAllowed')
      const spec = backendHeaderOf(secret.value)
      return spec ? resolved({ spec, secret: secret.value }) : unresolved('InvalidBackendHeader')
    },
    schema(namespace, name, key) {
      const configMap = find('ConfigMap', namespace, name)
      if (!configMap.ok) return configMap
      const schema = configMapSchema(configMap.value, key)
      return schema ? resolved(schema) : unresolved('RefNotFound')
    },
    revocations(namespace, name, key) {
      const configMap = find('ConfigMap', namespace, name)
      if (!configMap.ok) return configMap
      const list = configMapRevocations(configMap.value, key)
      if (list === undefined) return unresolved('RefNotFound')
      return list ? resolved(list) : unresolved('InvalidRevocations')
    },
    keyPair(namespace, name) {
      const secret = find('Secret', namespace, name)
      if (!secret.ok) return secret
      if (secret.value.raw['type'] !== secretTypes.certificate) return unresolved('WrongSecretType')
      const pair = secretKeyPair(secret.value)
      return pair ? resolved({ ...pair, secret: secret.value }) : unresolved('InvalidCertificate')
    },
    introspectionClient(namespace, name) {
      const secret = find('Secret', namespace, name)
      if (!secret.ok) return secret
      return secret.value.raw['type'] === secretTypes.introspectionClient ? secret : unresolved('WrongSecretType')
    },
  }
}
