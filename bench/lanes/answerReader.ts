const endOfHead = '\r\n\r\n'
const contentLength = /\r\ncontent-length: *(\d+)/i
const chunked = /\r\ntransfer-encoding: *chunked/i
const lastChunk = '0\r\n\r\n'

/** Finds the end of one answer after the other in Latin-1 text, without keeping bodies. */
export class AnswerReader {
  #head = ''
  #status = 0
  /** Characters of the body that are still to come; Infinity = chunked; null = the head is not whole yet. */
  #left: number | null = null
  #tail = ''

  /** @returns the status when the answer is whole; else null @throws RangeError when its end cannot be told */
  read(text: string): number | null {
    if (this.#left !== null) return this.#body(text)
    this.#head += text
    const end = this.#head.indexOf(endOfHead)
    if (end < 0) return null
    const head = this.#head.slice(0, end + 2)
    const length = contentLength.exec(head)?.[1]
    if (length === undefined && !chunked.test(head)) throw new RangeError('an answer whose end cannot be told')
    this.#status = Number(head.slice(9, 12))
    this.#left = length === undefined ? Infinity : Number(length)
    const rest = this.#head.slice(end + endOfHead.length)
    this.#head = ''
    return this.#body(rest)
  }

  #body(text: string): number | null {
    this.#left = (this.#left ?? 0) - text.length
    if (this.#left === Infinity) this.#tail = (this.#tail + text).slice(-lastChunk.length)
    if (this.#left > 0 && this.#tail !== lastChunk) return null
    this.#left = null
    this.#tail = ''
    return this.#status
  }
}
