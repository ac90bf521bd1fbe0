/** Probes a second, for one namespace and for all. */
export const mostProbes = { namespace: 50, all: 400 } as const
/** Probes that run at a time, for one namespace and for all. */
export const mostRunning = { namespace: 64, all: 512 } as const
/** Addresses that are watched, for one namespace and for all; one that an address too many is not watched. */
export const mostWatched = { namespace: 10_000, all: 40_000 } as const

interface Share {
  /** Probes a second that are asked for. */
  wanted: number
  watched: number
  running: number
}

const granted = (wanted: number): number => Math.min(wanted, mostProbes.namespace)

const nothing = (): Share => ({ wanted: 0, watched: 0, running: 0 })

/** What probing may cost, so that no namespace can make of its own checks a load for others (M14). */
export class Pace {
  /** `wanted` is what all would get if there were no bound for all: what one wants beyond its own bound slows nobody else. */
  readonly #all = nothing()
  readonly #shares = new Map<string, Share>()

  /** Takes a place for an address that is to be probed so often. @returns false when there is none */
  watch(namespace: string, perSecond: number): boolean {
    const share = this.#of(namespace)
    if (share.watched >= mostWatched.namespace || this.#all.watched >= mostWatched.all) return false
    share.watched++
    this.#all.watched++
    this.#want(share, share.wanted + perSecond)
    return true
  }

  /** Gives the place back. */
  leave(namespace: string, perSecond: number): void {
    const share = this.#of(namespace)
    share.watched--
    this.#all.watched--
    this.#want(share, share.watched === 0 ? 0 : share.wanted - perSecond)
    if (share.watched === 0 && share.running === 0) this.#shares.delete(namespace)
  }

  /** By how much the time between two probes must be longer than was asked for, at least 1. */
  stretch(namespace: string): number {
    const { wanted } = this.#of(namespace)
    return Math.max(1, wanted / mostProbes.namespace, this.#all.wanted / mostProbes.all)
  }

  /** Takes leave for one probe. @returns false when too many run */
  begin(namespace: string): boolean {
    const share = this.#of(namespace)
    if (share.running >= mostRunning.namespace || this.#all.running >= mostRunning.all) return false
    share.running++
    this.#all.running++
    return true
  }

  end(namespace: string): void {
    const share = this.#of(namespace)
    share.running--
    this.#all.running--
    if (share.watched === 0 && share.running === 0) this.#shares.delete(namespace)
  }

  #want(share: Share, wanted: number): void {
    const all = this.#all.wanted - granted(share.wanted) + granted(wanted)
    share.wanted = wanted
    this.#all.wanted = this.#all.watched === 0 ? 0 : all
  }

  #of(namespace: string): Share {
    let share = this.#shares.get(namespace)
    if (share === undefined) this.#shares.set(namespace, (share = nothing()))
    return share
  }
}
