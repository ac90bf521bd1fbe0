import { isWatched, type World, type WorldKind, type WorldObject } from '../world.ts'

type Objects = ReadonlyMap<string, WorldObject>

/**
 * A world by namespaces. Each part is a world that holds what lies in one namespace, that Namespace, and all Gatehouses,
 * so whoever is given a part cannot look into another one. It stays the same object, and so do its maps, as long as
 * nothing in them changes.
 */
export interface Parts {
  readonly whole: World
  readonly byNamespace: ReadonlyMap<string, World>
}

const local = [
  'GatewayRoute',
  'AccessPolicy',
  'Service',
  'EndpointSlice',
  'Secret',
  'ConfigMap',
  'Namespace',
  'ReferenceGrant',
] as const
const none: Objects = new Map()
const nowhere: World['watched'] = new Set()

const empty: Omit<World, 'Gatehouse' | 'watched'> = {
  GatewayRoute: none,
  AccessPolicy: none,
  Service: none,
  EndpointSlice: none,
  Secret: none,
  ConfigMap: none,
  Namespace: none,
  ReferenceGrant: none,
}

/** What all parts hold, and whether Secrets and ConfigMaps of this one are read. */
const sharedIn = (whole: World, namespace: string): Pick<World, 'Gatehouse' | 'watched'> => ({
  Gatehouse: whole.Gatehouse,
  watched: isWatched(whole, namespace) ? null : nowhere,
})

/** The part of a namespace, also of one in which there is nothing. */
export const partOf = ({ whole, byNamespace }: Parts, namespace: string): World =>
  byNamespace.get(namespace) ?? { ...empty, ...sharedIn(whole, namespace) }

interface Edit {
  readonly kind: WorldKind
  readonly namespace: string
  readonly key: string
  /** null = it is gone. */
  readonly object: WorldObject | null
}

const namespaceOf = ({ kind, meta }: WorldObject): string => (kind === 'Namespace' ? meta.name : meta.namespace)

const gone = (key: string, object: WorldObject): Edit => ({
  kind: object.kind,
  namespace: namespaceOf(object),
  key,
  object: null,
})

function* editsBetween(before: Objects, after: Objects): Generator<Edit> {
  if (before === after) return
  let kept = 0
  for (const [key, object] of after) {
    const known = before.get(key)
    if (known) kept += 1
    if (known === object) continue
    const namespace = namespaceOf(object)
    if (known && namespaceOf(known) !== namespace) yield gone(key, known)
    yield { kind: object.kind, namespace, key, object }
  }
  if (kept === before.size) return
  for (const [key, object] of before) if (!after.has(key)) yield gone(key, object)
}

function edited(part: World, edits: readonly Edit[]): World {
  const maps = new Map<WorldKind, Map<string, WorldObject>>()
  for (const { kind, key, object } of edits) {
    const map = maps.get(kind) ?? new Map(part[kind])
    maps.set(kind, map)
    if (object) map.set(key, object)
    else map.delete(key)
  }
  return { ...part, ...Object.fromEntries(maps) }
}

const isEmpty = (part: World): boolean => local.every((kind) => part[kind].size === 0)

/** The parts of before with what they share now. */
function sharing(whole: World, before: Parts | null): Map<string, World> {
  const parts = new Map(before?.byNamespace)
  for (const [namespace, part] of parts) {
    const shared = sharedIn(whole, namespace)
    const same = part.Gatehouse === shared.Gatehouse && part.watched === shared.watched
    if (!same) parts.set(namespace, { ...part, ...shared })
  }
  return parts
}

/** @param before - the parts of an earlier world: what did not change is taken over; null = there was none */
export function partsOf(world: World, before: Parts | null): Parts {
  const earlier = before?.whole ?? { ...empty, Gatehouse: none }
  const sameGatehouses = before && [...editsBetween(earlier.Gatehouse, world.Gatehouse)].length === 0
  const whole = sameGatehouses ? { ...world, Gatehouse: earlier.Gatehouse } : world
  const edits = local.flatMap((kind) => [...editsBetween(earlier[kind], world[kind])])
  const byNamespace = sharing(whole, before)
  for (const [namespace, own] of Map.groupBy(edits, (edit) => edit.namespace)) {
    const part = edited(byNamespace.get(namespace) ?? { ...empty, ...sharedIn(whole, namespace) }, own)
    if (isEmpty(part)) byNamespace.delete(namespace)
    else byNamespace.set(namespace, part)
  }
  return { whole, byNamespace }
}
