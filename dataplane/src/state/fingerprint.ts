import { hash, randomBytes } from 'node:crypto'

const rotated = (value: number, by: number): number => (value << by) | (value >>> (32 - by))

/** Characters that are read as they are; a longer text by its hash. */
const longest = 1024
const encoder = new TextEncoder()

/**
 * Texts as 64 bits that nobody can choose: HalfSipHash-1-3 of their UTF-8 with a secret of the process. That two of a
 * million texts have the same is one chance in thirty million, and who does not know the secret cannot look for such two.
 */
export class Fingerprint {
  readonly #first: number
  readonly #second: number
  readonly #bytes = new Uint8Array(4 * longest)
  readonly #words = new Int32Array(this.#bytes.buffer)
  /** Of the text that was read last. */
  low = 0
  high = 0

  /** @param secret - 8 bytes */
  constructor(secret: Uint8Array = randomBytes(8)) {
    const view = new DataView(secret.buffer, secret.byteOffset, 8)
    this.#first = view.getInt32(0, true)
    this.#second = view.getInt32(4, true)
  }

  read(text: string): void {
    const { written } = encoder.encodeInto(text.length > longest ? hash('sha256', text) : text, this.#bytes)
    const whole = written >> 2
    const words = this.#words
    // The bytes that are left over, and how many there are in all.
    words[whole] = (written << 24) | (words[whole]! & ((1 << (8 * (written & 3))) - 1))
    this.#mix(words, whole + 1)
  }

  #mix(words: Int32Array, count: number): void {
    let v0 = this.#first
    let v1 = this.#second ^ 0xee
    let v2 = 0x6c796765 ^ this.#first
    let v3 = 0x74656462 ^ this.#second
    // Three rounds more make the first half, and another three the second.
    for (let at = 0; at < count + 6; at++) {
      const word = at < count ? words[at]! : 0
      if (at === count) v2 ^= 0xee
      v3 ^= word
      v0 = (v0 + v1) | 0
      v1 = rotated(v1, 5) ^ v0
      v2 = (v2 + v3) | 0
      v3 = rotated(v3, 8) ^ v2
      v0 = (rotated(v0, 16) + v3) | 0
      v3 = rotated(v3, 7) ^ v0
      v2 = (v2 + v1) | 0
      v1 = rotated(v1, 13) ^ v2
      v2 = rotated(v2, 16)
      v0 ^= word
      if (at !== count + 2) continue
      this.low = v1 ^ v3
      v1 ^= 0xdd
    }
    this.high = v1 ^ v3
  }
}
