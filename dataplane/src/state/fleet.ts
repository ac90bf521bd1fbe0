import type { ResourceSpec } from '@gatehouse/contract'

/** Among how many data planes limits are divided that hold for all of them together. */
export interface Fleet {
  /** Infinity = nobody has said. */
  readonly dataPlanes: number
  /**
   * Takes what a snapshot says. One that says nothing, or cannot be read, leaves what was said before: a share grows only
   * when somebody says so.
   *
   * @param spec - null = it cannot be read; undefined = it says nothing
   */
  adopt(spec: ResourceSpec<'fleet'> | null | undefined): void
  /** This data plane's part of a limit: at least one, so that nothing is cut off by a scale. */
  share(limit: number): number
}

export function createFleet(): Fleet {
  let dataPlanes: number | null = null
  return {
    get dataPlanes() {
      return dataPlanes ?? Infinity
    },
    adopt(spec) {
      if (spec === null) return
      dataPlanes = spec?.dataPlanes ?? dataPlanes ?? 1
    },
    share: (limit) => Math.max(1, Math.floor(limit / (dataPlanes ?? Infinity))),
  }
}
