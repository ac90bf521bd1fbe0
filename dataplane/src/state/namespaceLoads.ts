/** Beside the connections that requests use as many may be idle. */
const connectionsPerRequest = 2

/** What the routes of one namespace have under way towards backends. What is taken must be given back exactly once. */
export class NamespaceLoad {
  /** Requests, each from its departure until neither client nor backend hold anything of it. */
  requests = 0
  /** Sockets towards its backends, from the attempt to connect on. */
  connections = 0
  readonly #bounds: Bounds

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  /** Whether as many requests are under way as may be. */
  get full(): boolean {
    return this.requests >= this.#bounds.requests
  }

  /** Whether there are as many connections as may be. */
  get crowded(): boolean {
    return this.connections >= this.#bounds.requests * connectionsPerRequest
  }

  /** Whether it is worth remembering. */
  get idle(): boolean {
    return this.requests + this.connections === 0
  }
}

interface Bounds {
  requests: number
}

/** No more connections may go to the backends of a namespace. */
export class NamespaceFull extends Error {}

/**
 * How much each namespace has under way towards backends, so that none can take the descriptors and the memory that the
 * others need: a backend that never answers would otherwise hold as much as its clients send (M16).
 */
export class NamespaceLoads {
  readonly #bounds: Bounds = { requests: 0 }
  readonly #loads = new Map<string, NamespaceLoad>()

  /**
   * Takes a new bound, and forgets namespaces that have nothing under way.
   *
   * @param requests - of one namespace; what is under way beyond it goes on
   */
  adopt(requests: number): void {
    this.#bounds.requests = requests
    for (const [name, load] of this.#loads) if (load.idle) this.#loads.delete(name)
  }

  /** Not to be kept longer than what is taken of it. */
  of(namespace: string): NamespaceLoad {
    let load = this.#loads.get(namespace)
    if (load === undefined) this.#loads.set(namespace, (load = new NamespaceLoad(this.#bounds)))
    return load
  }

  /** Those that have something under way. */
  *all(): Iterable<readonly [namespace: string, load: NamespaceLoad]> {
    for (const entry of this.#loads) if (!entry[1].idle) yield entry
  }
}
