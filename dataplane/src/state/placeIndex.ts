/** Places by the two halves of a fingerprint: an open table, so that a key costs a few bytes and no object. */
export class PlaceIndex {
  /** 0 = empty; places are numbered from 1. */
  #slots = new Int32Array(16)
  #low = new Int32Array(8)
  #high = new Int32Array(8)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Of the fingerprint of a place that was added. */
  low(place: number): number {
    return this.#low[place]!
  }

  /** Of the fingerprint of a place that was added. */
  high(place: number): number {
    return this.#high[place]!
  }

  /** @returns 0 = there is none */
  find(low: number, high: number): number {
    const mask = this.#slots.length - 1
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const place = this.#slots[slot]!
      if (place === 0 || (this.#low[place] === low && this.#high[place] === high)) return place
    }
  }

  /** @param place - that no other fingerprint has */
  add(place: number, low: number, high: number): void {
    if (place >= this.#low.length) {
      this.#low = doubled(this.#low)
      this.#high = doubled(this.#high)
    }
    this.#low[place] = low
    this.#high[place] = high
    this.#size++
    if (this.#size * 2 > this.#slots.length) this.#grow()
    this.#put(place)
  }

  /** Takes a place out, and moves up what stood behind it. */
  remove(place: number): void {
    const slots = this.#slots
    const mask = slots.length - 1
    let gap = this.#low[place]! & mask
    while (slots[gap] !== place) gap = (gap + 1) & mask
    this.#size--
    for (let slot = (gap + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const wish = this.#low[slots[slot]!]! & mask
      // What stands no further behind its wish than behind the gap stays reachable only where it is.
      if (((slot - wish) & mask) < ((slot - gap) & mask)) continue
      slots[gap] = slots[slot]!
      gap = slot
    }
    slots[gap] = 0
  }

  #put(place: number): void {
    const mask = this.#slots.length - 1
    let slot = this.#low[place]! & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = place
  }

  #grow(): void {
    const before = this.#slots
    this.#slots = new Int32Array(before.length * 2)
    for (const place of before) if (place !== 0) this.#put(place)
  }
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2)
  larger.set(array)
  return larger
}
