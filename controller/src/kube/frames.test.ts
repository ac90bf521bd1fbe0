import { describe, expect, it } from 'vitest'
import { linesOf } from './frames.ts'
import { MalformedAnswerError } from './kubeError.ts'

async function* chunksOf(...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk))
}

async function read(chunks: AsyncIterable<Uint8Array>, maxBytes = 16): Promise<string[]> {
  const lines: string[] = []
  for await (const line of linesOf(chunks, maxBytes)) lines.push(line)
  return lines
}

describe('linesOf', () => {
  it('finds the same lines however the bytes are cut', async () => {
    const bytes = Buffer.from('a\n\u00e4\u2028\u{1f600}\r\nlast\n')
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const lines = await read(chunksOf(bytes.subarray(0, cut), bytes.subarray(cut)))
      expect(lines).toEqual(['a', '\u00e4\u2028\u{1f600}\r', 'last'])
    }
  })

  it('drops empty lines and what was torn off', async () => {
    expect(await read(chunksOf('\n\na\n', '\n', 'torn'))).toEqual(['a'])
  })

  it.each([
    ['in one piece', ['12345678901234567\n']],
    ['in pieces', ['1234567890', '1234567', '\n']],
    ['without an end', ['12345678901234567']],
  ])('refuses a line longer than the bound, %s', async (_, chunks) => {
    await expect(read(chunksOf(...chunks))).rejects.toThrow(MalformedAnswerError)
  })

  it('takes lines of exactly the bound', async () => {
    expect(await read(chunksOf('1234567890', '123456\n1234567890123456\n'))).toHaveLength(2)
  })
})
