import { group, kinds, version } from '@gatehouse/crds'
import type { Clock } from '../clock.ts'
import { isLater, secretTypes, type World, type WorldKind, type WorldObject, type WorldSource } from '../world.ts'
import type { KubeClient, Query } from './client.ts'
import { createObjectMirror, type MirrorListener, type ObjectMirror } from './objectMirror.ts'
import { Reflector, reflectorTimes, type ReflectorTimes } from './reflector.ts'

/** What is watched of a kind: one reflector for each selector, and for each namespace where it is read by those. */
interface Watched {
  readonly apiVersion: string
  readonly plural: string
  readonly selectors: readonly Query[]
  /** Whether a Role in each namespace decides what may be read. */
  readonly scoped?: true
}

const own = `${group}/${version}`
const all: readonly Query[] = [{}]

const watched: { readonly [K in WorldKind]: Watched } = {
  Gatehouse: { apiVersion: own, plural: kinds.Gatehouse.plural, selectors: all },
  GatewayRoute: { apiVersion: own, plural: kinds.GatewayRoute.plural, selectors: all },
  AccessPolicy: { apiVersion: own, plural: kinds.AccessPolicy.plural, selectors: all },
  Service: { apiVersion: 'v1', plural: 'services', selectors: all },
  EndpointSlice: { apiVersion: 'discovery.k8s.io/v1', plural: 'endpointslices', selectors: all },
  Secret: {
    apiVersion: 'v1',
    plural: 'secrets',
    selectors: Object.values(secretTypes).map((type) => ({ fieldSelector: `type=${type}` })),
    scoped: true,
  },
  ConfigMap: { apiVersion: 'v1', plural: 'configmaps', selectors: all, scoped: true },
  Namespace: { apiVersion: 'v1', plural: 'namespaces', selectors: all },
  // Of the Gateway API, which a cluster may be without.
  ReferenceGrant: { apiVersion: 'gateway.networking.k8s.io/v1beta1', plural: 'referencegrants', selectors: all },
}

const kindNames = Object.keys(watched) as WorldKind[]

function pathOf({ apiVersion, plural }: Watched, namespace: string | null): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return namespace === null ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`
}

/** One collection that is watched. */
export interface Collection {
  readonly kind: WorldKind
  /** Null = of all namespaces. */
  readonly namespace: string | null
}

export interface KubeSourceOptions {
  readonly client: Pick<KubeClient, 'list' | 'watch'>
  /** Those whose Secrets and ConfigMaps are read; null = all. */
  readonly namespaces: readonly string[] | null
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  /** Called for each failure to list or watch a collection; it is tried again. */
  readonly failed: (collection: Collection, error: unknown) => void
  /** Called when a namespace turns out to be one whose Secrets or ConfigMaps may not be read, and when they may again. */
  readonly refused: (namespace: string, isRefused: boolean) => void
  /** Default: {@link reflectorTimes}. */
  readonly times?: ReflectorTimes
}

type Objects = ReadonlyMap<string, WorldObject>

/** The one that was written last, where an object was made anew and its end has not been told yet. */
const newer = (a: WorldObject | undefined, b: WorldObject): WorldObject =>
  a && isLater(a.meta.resourceVersion, b.meta.resourceVersion) ? a : b

/** Several maps as one. */
function merged(maps: readonly Objects[]): Objects {
  const [first, ...rest] = maps
  if (first === undefined || rest.length === 0) return first ?? new Map()
  const result = new Map(first)
  for (const [key, object] of rest.flatMap((map) => [...map])) result.set(key, newer(result.get(key), object))
  return result
}

/** Several maps as one, which stays the same while they do. */
function createMerger(): (maps: readonly Objects[]) => Objects {
  let before: { readonly maps: readonly Objects[]; readonly result: Objects } | null = null
  return (maps) => {
    const same = before?.maps.length === maps.length && maps.every((map, index) => map === before?.maps[index])
    before = before && same ? before : { maps, result: merged(maps) }
    return before.result
  }
}

interface Followed extends Collection {
  readonly mirror: ObjectMirror
  readonly reflector: Reflector
}

/**
 * The world as the API server tells it, kept up to date until it is closed. A namespace whose Secrets or ConfigMaps are
 * forbidden counts as one that is not watched, and is asked again: what one namespace withholds must not keep the
 * others waiting (M7).
 */
export class KubeSource implements WorldSource {
  readonly #options: KubeSourceOptions
  readonly #followed: readonly Followed[]
  readonly #mergers = new Map(kindNames.map((kind) => [kind, createMerger()]))
  readonly #listener: MirrorListener = {
    changed: () => this.#tell(),
    restated: () => this.#isComplete() && this.#restated(),
  }
  #refused: ReadonlySet<string> = new Set()
  #changed: () => void = () => undefined
  #restated: () => void = () => undefined

  constructor(options: KubeSourceOptions) {
    this.#options = options
    this.#followed = kindNames.flatMap((kind) => {
      const scopes = watched[kind].scoped && options.namespaces !== null ? options.namespaces : [null]
      return scopes.flatMap((namespace) =>
        watched[kind].selectors.map((selector) => this.#follow({ kind, namespace }, selector)),
      )
    })
  }

  start(changed: () => void, restated: () => void): void {
    this.#changed = changed
    this.#restated = restated
    for (const { reflector } of this.#followed) reflector.start()
  }

  world(): World | null {
    if (!this.#isComplete()) return null
    const maps = kindNames.map((kind) => {
      const known = this.#followed.filter((one) => one.kind === kind).map(({ mirror }) => mirror.objects() ?? new Map())
      return [kind, this.#mergers.get(kind)!(known)] as const
    })
    const { namespaces } = this.#options
    const readable = namespaces && new Set(namespaces.filter((namespace) => !this.#refused.has(namespace)))
    return { ...(Object.fromEntries(maps) as unknown as World), watched: readable }
  }

  async relist(): Promise<void> {
    await Promise.all(this.#followed.map(({ reflector }) => reflector.relist()))
  }

  async close(): Promise<void> {
    this.#changed = this.#restated = () => undefined
    await Promise.all(this.#followed.map(({ reflector }) => reflector.close()))
  }

  #follow(collection: Collection, selector: Query): Followed {
    const { client, clock, random, failed, times = reflectorTimes } = this.#options
    const { kind, namespace } = collection
    const mirror = createObjectMirror(kind, watched[kind].apiVersion, this.#listener)
    const reflector = new Reflector({
      ...{ client, clock, random, times, selector, mirror },
      path: pathOf(watched[kind], namespace),
      refusable: namespace !== null,
      failed: (error) => failed(collection, error),
    })
    return { ...collection, mirror, reflector }
  }

  #tell(): void {
    this.#tellRefused()
    if (this.#isComplete()) this.#changed()
  }

  #tellRefused(): void {
    const now = new Set(
      this.#followed.flatMap(({ namespace, mirror }) => (mirror.isRefused() ? (namespace ?? []) : [])),
    )
    for (const namespace of new Set([...now, ...this.#refused])) {
      if (now.has(namespace) !== this.#refused.has(namespace)) this.#options.refused(namespace, now.has(namespace))
    }
    this.#refused = now
  }

  #isComplete(): boolean {
    return this.#followed.every(({ mirror }) => mirror.isKnown())
  }
}
