import type { ActiveCheck } from '@gatehouse/contract'

/** What the probes of one address come to. It is healthy until so many in a row have failed. */
export class ProbeCount {
  healthy = true
  /** Probes in a row that say the opposite. */
  #against = 0

  /** @returns whether it has become the other */
  add(good: boolean, { healthyThreshold, unhealthyThreshold }: ActiveCheck): boolean {
    if (good === this.healthy) {
      this.#against = 0
      return false
    }
    this.#against++
    if (this.#against < (good ? healthyThreshold : unhealthyThreshold)) return false
    this.healthy = good
    this.#against = 0
    return true
  }
}
