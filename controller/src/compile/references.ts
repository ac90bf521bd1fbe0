import type { ResourceSpec } from '@gatehouse/contract'
import { isWatched, secretTypes, type World, type WorldObject } from '../world.ts'
import { backendHeaderOf } from './backendHeaders.ts'
import { mayBeSentTo } from './destinations.ts'
import { note, placeWith, type Note } from './findings.ts'
import { mayRefer, type Referrer } from './grants.ts'
import { publicKeysOf, type PublicKeys } from './keySets.ts'
import { deniedListOf, type DeniedList } from './deniedList.ts'
import type { ListReading } from './entryList.ts'
import { memoised } from './memo.ts'
import { anchorsOf, keyPairOf } from './pem.ts'
import { decodedText, member, textOf } from './raw.ts'
import type { ConditionReason } from './reasons.ts'
import { revocationListOf, type RevocationList } from './revocationList.ts'
import { readSchema, type ReadSchema } from './schemas.ts'

/** Why a reference gives nothing. */
export interface Unresolved {
  readonly ok: false
  readonly reason: ConditionReason
  /** What more there is to say, in words of ours (M19) and names of objects; null = nothing. */
  readonly where: string | null
}

/** What a reference gives: the thing, or the reason why not. */
export type Resolved<T> = { readonly ok: true; readonly value: T } | Unresolved

/** What the status says of a reference that gives nothing. @param at - JSON pointer to it */
export const unresolvedNote = ({ reason, where }: Unresolved, at: string): Note =>
  note('ResolvedRefs', reason, where === null ? at : placeWith(at, where))

/** @param where - what more there is to say */
export const unresolved = (reason: ConditionReason, where: string | null = null): Unresolved => ({
  ok: false,
  reason,
  where,
})
const resolved = <T>(value: T): Resolved<T> => ({ ok: true, value })
/** @param needed - the type, or types, that it may have */
const wrongType = ({ meta }: WorldObject, needed: string): Unresolved =>
  unresolved('WrongSecretType', `Secret ${meta.namespace}/${meta.name} needs type ${needed}`)
const noSuchKey = unresolved('RefNotFound', 'it has no such key')

/** Finds Secrets and ConfigMaps. */
export interface References {
  /** PEM anchors under `ca.crt` of a ConfigMap. */
  anchors(namespace: string, name: string): Resolved<readonly string[]>
  /** PEM anchors under `ca.crt` of a Secret of type gatehouse.dev/ca-certificates or kubernetes.io/tls. */
  secretAnchors(namespace: string, name: string): Resolved<readonly string[]>
  /** The public keys of a key set in a ConfigMap. */
  keySet(namespace: string, name: string, key: string): Resolved<PublicKeys>
  /** The revocations in a ConfigMap. */
  revocations(namespace: string, name: string, key: string): Resolved<RevocationList>
  /** The deny list in a ConfigMap. */
  deniedList(namespace: string, name: string, key: string): Resolved<DeniedList>
  /** The schema in a ConfigMap. */
  schema(namespace: string, name: string, key: string): Resolved<ReadSchema>
  /** Chain and key of a Secret of type kubernetes.io/tls, and the Secret. */
  keyPair(namespace: string, name: string): Resolved<{ chain: string; privateKey: string; secret: WorldObject }>
  /**
   * The header in a Secret of type gatehouse.dev/backend-header that names this destination.
   *
   * @param destination - a URL
   */
  backendHeader(
    namespace: string,
    name: string,
    destination: string,
  ): Resolved<{ readonly spec: ResourceSpec<'backendHeader'>; readonly secret: WorldObject }>
  /** A Secret of type gatehouse.dev/introspection-client. */
  introspectionClient(namespace: string, name: string): Resolved<WorldObject>
  /** A Secret of type gatehouse.dev/quota-store. */
  quotaStore(namespace: string, name: string): Resolved<WorldObject>
}

const configMapAnchors = memoised((configMap: WorldObject) => {
  const pem = textOf(member(configMap.raw['data'], 'ca.crt'))
  return pem === undefined ? null : { anchors: anchorsOf(pem) }
})

const secretAnchors = memoised((secret: WorldObject) => {
  const pem = decodedText(member(secret.raw['data'], 'ca.crt'))
  return pem === undefined ? null : { anchors: anchorsOf(pem) }
})

const anchorTypes: readonly unknown[] = [secretTypes.caCertificates, secretTypes.certificate]

/** @param found - null = there is no such key */
function anchorsIn(found: { readonly anchors: readonly string[] | null } | null): Resolved<readonly string[]> {
  if (!found) return unresolved('RefNotFound', 'it has no key ca.crt')
  return found.anchors ? resolved(found.anchors) : unresolved('InvalidCertificate')
}

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
const configMapDeniedList = readingOf(deniedListOf)
const configMapSchema = readingOf((text) => readSchema(text, 'Body'))

/** @param invalid - the reason of one that is not what it should be */
function readingIn<T>(
  object: Resolved<WorldObject>,
  read: (object: WorldObject) => T | null | undefined,
  invalid: ConditionReason,
): Resolved<T> {
  if (!object.ok) return object
  const found = read(object.value)
  if (found === undefined) return noSuchKey
  return found === null ? unresolved(invalid) : resolved(found)
}

/** A list, or where it is none. */
function listIn<E>(
  object: Resolved<WorldObject>,
  read: (object: WorldObject) => ListReading<E> | null | undefined,
  invalid: ConditionReason,
): Resolved<readonly E[]> {
  const found = readingIn(object, read, invalid)
  if (!found.ok) return found
  return found.value.ok ? resolved(found.value.list) : unresolved(invalid, found.value.where)
}

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
    return object ? resolved(object) : unresolved(missing, `${kind} ${namespace}/${name}`)
  }
  const ofType = (type: string, namespace: string, name: string): Resolved<WorldObject> => {
    const secret = find('Secret', namespace, name)
    return !secret.ok || secret.value.raw['type'] === type ? secret : wrongType(secret.value, type)
  }
  return {
    anchors(namespace, name) {
      const configMap = find('ConfigMap', namespace, name)
      return configMap.ok ? anchorsIn(configMapAnchors(configMap.value)) : configMap
    },
    secretAnchors(namespace, name) {
      const secret = find('Secret', namespace, name)
      if (!secret.ok) return secret
      if (!anchorTypes.includes(secret.value.raw['type'])) return wrongType(secret.value, anchorTypes.join(' or '))
      return anchorsIn(secretAnchors(secret.value))
    },
    keySet: (namespace, name, key) =>
      readingIn(find('ConfigMap', namespace, name), (object) => configMapKeySet(object, key), 'InvalidKeySet'),
    backendHeader(namespace, name, destination) {
      const secret = ofType(secretTypes.backendHeader, namespace, name)
      if (!secret.ok) return secret
      if (!mayBeSentTo(secret.value, destination))
        return unresolved('DestinationNotAllowed', `Secret ${namespace}/${name}`)
      const spec = backendHeaderOf(secret.value)
      return spec ? resolved({ spec, secret: secret.value }) : unresolved('InvalidBackendHeader')
    },
    schema: (namespace, name, key) =>
      readingIn(find('ConfigMap', namespace, name), (object) => configMapSchema(object, key), 'RefNotFound'),
    revocations: (namespace, name, key) =>
      listIn(find('ConfigMap', namespace, name), (object) => configMapRevocations(object, key), 'InvalidRevocations'),
    deniedList: (namespace, name, key) =>
      listIn(find('ConfigMap', namespace, name), (object) => configMapDeniedList(object, key), 'InvalidDenyList'),
    keyPair(namespace, name) {
      const secret = ofType(secretTypes.certificate, namespace, name)
      if (!secret.ok) return secret
      const pair = secretKeyPair(secret.value)
      return pair ? resolved({ ...pair, secret: secret.value }) : unresolved('InvalidCertificate')
    },
    introspectionClient: (namespace, name) => ofType(secretTypes.introspectionClient, namespace, name),
    quotaStore: (namespace, name) => ofType(secretTypes.quotaStore, namespace, name),
  }
}
