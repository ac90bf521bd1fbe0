import { MalformedAnswerError } from './kubeError.ts'

const newline = 0x0a

/**
 * The lines of a stream of bytes. They are split at '\n' alone, because the strings of JSON may hold every other
 * character that counts as the end of a line. What follows the last one was torn off and is dropped.
 *
 * @param maxBytes - the longest line
 * @throws MalformedAnswerError for a longer one
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string> {
  let held: Uint8Array[] = []
  let size = 0
  const hold = (part: Uint8Array): void => {
    size += part.length
    if (size > maxBytes) throw new MalformedAnswerError(`a line is longer than ${maxBytes} bytes`)
    held.push(part)
  }
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      hold(chunk.subarray(start, end))
      const line = Buffer.concat(held).toString('utf8')
      held = []
      size = 0
      start = end + 1
      if (line !== '') yield line
    }
    hold(chunk.subarray(start))
  }
}
