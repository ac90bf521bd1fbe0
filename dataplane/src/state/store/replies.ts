import { ServerError, StoreError } from './fault.ts'

/** Where a line of the protocol ends. */
const lineEnd = '\r\n'
/** Nothing whole has come yet. */
const partial = Symbol('partial')

/** A list of which so many parts have not come. */
interface List {
  readonly parts: unknown[]
  missing: number
}

/**
 * Reads what a server says (RESP2), in pieces as they come. A list holds no lists, for nothing that is asked is answered so.
 * Errors are values, {@link ServerError}, and numbers that are none of JavaScript's are the nearest that is.
 */
export class Replies {
  #text = ''
  #at = 0
  #list: List | null = null
  /** Of the parts of the list. */
  #taken = 0

  /** Bytes of a reply that has not come whole. */
  get held(): number {
    return this.#taken + this.#text.length
  }

  /**
   * @param text - one character for each byte
   * @param take - told each reply that is whole
   * @throws StoreError `malformed`, and whatever `take` throws
   */
  read(text: string, take: (reply: unknown) => void): void {
    this.#text += text
    let from = 0
    for (let part = this.#part(); part !== partial; part = this.#part()) {
      const reply = this.#list === null ? part : this.#listWith(this.#list, part)
      if (reply === partial) continue
      this.#list = null
      this.#taken = 0
      from = this.#at
      take(reply)
    }
    this.#taken += this.#at - from
    this.#text = this.#text.slice(this.#at)
    this.#at = 0
  }

  #listWith(list: List, part: unknown): unknown {
    list.parts.push(part)
    list.missing--
    return list.missing === 0 ? list.parts : partial
  }

  /** The next value that is no list, or a list without parts; nothing is read of one that is not whole. */
  #part(): unknown {
    for (;;) {
      const end = this.#text.indexOf(lineEnd, this.#at)
      if (end < 0) return partial
      const line = this.#text.slice(this.#at + 1, end)
      const next = end + lineEnd.length
      switch (this.#text[this.#at]) {
        case '+':
          return this.#moved(next, line)
        case '-':
          return this.#moved(next, new ServerError(line))
        case ':':
          return this.#moved(next, numberIn(line))
        case '$':
          return this.#bulk(next, lengthIn(line))
        case '*': {
          const length = lengthIn(line)
          if (this.#list !== null) throw new StoreError('malformed')
          if (length <= 0) return this.#moved(next, length === 0 ? [] : null)
          this.#list = { parts: [], missing: length }
          this.#at = next
          break
        }
        default:
          throw new StoreError('malformed')
      }
    }
  }

  #bulk(from: number, length: number): unknown {
    if (length < 0) return this.#moved(from, null)
    const end = from + length
    if (this.#text.length < end + lineEnd.length) return partial
    if (!this.#text.startsWith(lineEnd, end)) throw new StoreError('malformed')
    return this.#moved(end + lineEnd.length, this.#text.slice(from, end))
  }

  #moved<T>(next: number, value: T): T {
    this.#at = next
    return value
  }
}

function numberIn(line: string): number {
  if (!/^-?\d{1,19}$/.test(line)) throw new StoreError('malformed')
  return Number(line)
}

/** -1 = there is nothing. */
function lengthIn(line: string): number {
  if (!/^(-1|\d{1,9})$/.test(line)) throw new StoreError('malformed')
  return Number(line)
}
