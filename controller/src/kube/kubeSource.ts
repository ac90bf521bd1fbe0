import { group, kinds, version } from '@gatehouse/crds'
import type { Clock } from '../clock.ts'
import { isLater, type World, type WorldKind, type WorldObject, type WorldSource } from '../world.ts'
import type { KubeClient, Query } from './client.ts'
import { createObjectMirror, type MirrorListener, type ObjectMirror } from './objectMirror.ts'
import { Reflector, reflectorTimes, type ReflectorTimes } from './reflector.ts'

/** What is watched of a kind: one reflector for each selector. */
interface Watched {
  readonly apiVersion: string
  readonly plural: string
  readonly selectors: readonly Query[]
}

const own = `${group}/${version}`
const all: readonly Query[] = [{}]

const watched: { readonly [K in WorldKind]: Watched } = {
  Gatehouse: { apiVersion: own, plural: kinds.Gatehouse.plural, selectors: all },
  GatewayRoute: { apiVersion: own, plural: kinds.GatewayRoute.plural, selectors: all },
  AccessPolicy: { apiVersion: own, plural: kinds.AccessPolicy.plural, selectors: all },
  Service: { apiVersion: 'v1', plural: 'services', selectors: all },
  EndpointSlice: { apiVersion: 'discovery.k8s.io/v1', plural: 'endpointslices', selectors: all },
  // No other Secret may be used (M12), so no other one is ever read.
  Secret: {
    apiVersion: 'v1',
    plural: 'secrets',
    selectors: ['gatehouse.dev/api-keys', 'kubernetes.io/tls'].map((type) => ({ fieldSelector: `type=${type}` })),
  },
  ConfigMap: { apiVersion: 'v1', plural: 'configmaps', selectors: all },
  Namespace: { apiVersion: 'v1', plural: 'namespaces', selectors: all },
}

const kindNames = Object.keys(watched) as WorldKind[]

const pathOf = ({ apiVersion, plural }: Watched): string =>
  apiVersion.includes('/') ? `/apis/${apiVersion}/${plural}` : `/api/${apiVersion}/${plural}`

export interface KubeSourceOptions {
  readonly client: Pick<KubeClient, 'list' | 'watch'>
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  /** Called for each failure to list or watch a kind; it is tried again. */
  readonly failed: (kind: WorldKind, error: unknown) => void
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

/** The world as the API server tells it, kept up to date until it is closed. */
export class KubeSource implements WorldSource {
  readonly #mirrors: ReadonlyMap<WorldKind, readonly ObjectMirror[]>
  readonly #reflectors: readonly Reflector[]
  readonly #listener: MirrorListener = {
    changed: () => this.#isComplete() && this.#changed(),
    restated: () => this.#isComplete() && this.#restated(),
  }
  #changed: () => void = () => undefined
  #restated: () => void = () => undefined

  constructor({ client, clock, random, failed, times = reflectorTimes }: KubeSourceOptions) {
    const mirrors = new Map<WorldKind, ObjectMirror[]>()
    this.#mirrors = mirrors
    this.#reflectors = kindNames.flatMap((kind) => {
      const path = pathOf(watched[kind])
      return watched[kind].selectors.map((selector) => {
        const mirror = createObjectMirror(kind, watched[kind].apiVersion, this.#listener)
        mirrors.set(kind, [...(mirrors.get(kind) ?? []), mirror])
        const common = { client, clock, random, times, failed: (error: unknown) => failed(kind, error) }
        return new Reflector({ ...common, path, selector, mirror })
      })
    })
  }

  start(changed: () => void, restated: () => void): void {
    this.#changed = changed
    this.#restated = restated
    for (const reflector of this.#reflectors) reflector.start()
  }

  world(): World | null {
    const maps = new Map<WorldKind, Objects>()
    for (const [kind, mirrors] of this.#mirrors) {
      const known = mirrors.flatMap((mirror) => mirror.objects() ?? [])
      if (known.length < mirrors.length) return null
      maps.set(kind, merged(known))
    }
    return Object.fromEntries(maps) as unknown as World
  }

  async close(): Promise<void> {
    this.#changed = this.#restated = () => undefined
    await Promise.all(this.#reflectors.map((reflector) => reflector.close()))
  }

  #isComplete(): boolean {
    return [...this.#mirrors.values()].every((mirrors) => mirrors.every((mirror) => mirror.isKnown()))
  }
}
