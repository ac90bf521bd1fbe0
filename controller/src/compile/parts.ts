import type { World, WorldKind, WorldObject } from '../world.ts'

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

const local = ['GatewayRoute', 'AccessPolicy', 'Service', 'EndpointSlice', 'Secret', 'ConfigMap', 'Namespace'] as const
const none: Objects = new Map()

/** A world, or a part of one, that holds nothing but Gatehouses. */
export const emptyPart = (gatehouses: Objects): World => ({
  Gatehouse: gatehouses,
  GatewayRoute: none,
  AccessPolicy: none,
  Service: none,
  EndpointSlice: none,
  Secret: none,
  ConfigMap: none,
  Namespace: none,
})

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

/** @param before - the parts of an earlier world: what did not change is taken over; null = there was none */
export function partsOf(world: World, before: Parts | null): Parts {
  const earlier = before?.whole ?? emptyPart(none)
  const sameGatehouses = [...editsBetween(earlier.Gatehouse, world.Gatehouse)].length === 0
  const Gatehouse = before && sameGatehouses ? earlier.Gatehouse : world.Gatehouse
  const edits = local.flatMap((kind) => [...editsBetween(earlier[kind], world[kind])])
  const whole = { ...world, Gatehouse }
  if (before && sameGatehouses && edits.length === 0) return { whole, byNamespace: before.byNamespace }
  const byNamespace = new Map(before?.byNamespace)
  if (!sameGatehouses) for (const [namespace, part] of byNamespace) byNamespace.set(namespace, { ...part, Gatehouse })
  for (const [namespace, own] of Map.groupBy(edits, (edit) => edit.namespace)) {
    const part = edited(byNamespace.get(namespace) ?? emptyPart(Gatehouse), own)
    if (isEmpty(part)) byNamespace.delete(namespace)
    else byNamespace.set(namespace, part)
  }
  return { whole, byNamespace }
}
