import type { Endpoint } from '@gatehouse/contract'
import type { BalancedUse, Gateway } from '../../gateway/gateway.ts'

/** When the addresses of one upstream came, by address and port; monotonic milliseconds. */
type Roster = Map<string, number>

/** Of an address that was there before anybody looked. */
export const always = -Infinity

const keyOf = ({ address, port }: Endpoint): string => `${address} ${port}`

const isWanted = ({ balancing }: BalancedUse): boolean => balancing.slowStart > 0

/**
 * Since when addresses are known, for upstreams of which some rule starts new ones slowly. Those that are there when an
 * upstream is first looked at are not new: after a start of this process nobody begins from nothing.
 */
export class Rosters {
  readonly #rosters = new Map<string, Roster>()

  /** Looks at what a gateway knows, before it serves. */
  adopt({ balanced, upstreams }: Pick<Gateway, 'balanced' | 'upstreams'>, now: number): void {
    const wanted = new Set(balanced.filter(isWanted).map(({ upstream }) => upstream))
    for (const name of this.#rosters.keys()) if (!wanted.has(name)) this.#rosters.delete(name)
    for (const name of wanted) {
      const known = this.#rosters.get(name)
      const keys = (upstreams.get(name)?.addresses ?? []).map(keyOf)
      this.#rosters.set(name, new Map(keys.map((key) => [key, known === undefined ? always : (known.get(key) ?? now)])))
    }
  }

  /** @returns monotonic milliseconds, or `always` */
  since(upstream: string, endpoint: Endpoint): number {
    return this.#rosters.get(upstream)?.get(keyOf(endpoint)) ?? always
  }
}
