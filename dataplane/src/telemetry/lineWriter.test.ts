import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { LineWriter, type LineSink, type WriteResult } from './lineWriter.ts'

/** A sink whose reader decides when it takes what. */
function heldSink() {
  const taken: string[] = []
  const waiting: { bytes: Buffer; done: (result: WriteResult) => void }[] = []
  const arrivals: (() => void)[] = []
  const sink: LineSink = {
    write: (bytes, done) => {
      waiting.push({ bytes, done })
      arrivals.shift()?.()
    },
  }
  const arrived = (): Promise<void> =>
    waiting.length > 0 ? Promise.resolve() : new Promise((resolve) => arrivals.push(resolve))
  return {
    sink,
    taken,
    /** Waits for a write and takes up to this many bytes of it, or none. */
    take: async (count: WriteResult = Infinity): Promise<void> => {
      await arrived()
      const { bytes, done } = waiting.shift()!
      if (typeof count === 'string') return done(count)
      const written = Math.min(count, bytes.length)
      taken.push(bytes.toString('utf8', 0, written))
      done(written)
    },
  }
}

describe('LineWriter', () => {
  it('flushes a line that comes in whatever moment of a write', async () => {
    for (let moment = 0; moment < 12; moment++) {
      const taken: string[] = []
      const sink: LineSink = {
        write: (bytes, done) => {
          taken.push(bytes.toString())
          done(bytes.length)
        },
      }
      const writer = new LineWriter({ sink, delay: 60_000 })
      writer.write('audit', '{"line":1}')
      const first = writer.flush()
      for (let turn = 0; turn < moment; turn++) await Promise.resolve()
      writer.write('audit', '{"line":2}')
      await writer.flush()
      await first
      expect(taken.join(''), `moment ${moment}`).toBe('{"line":1}\n{"line":2}\n')
    }
  })

  it('gathers lines into one write', async () => {
    const { sink, taken, take } = heldSink()
    const writer = new LineWriter({ sink, delay: 1 })
    writer.write('audit', '{"a":1}')
    writer.write('audit', '{"a":2}')
    await take()
    expect(taken).toEqual(['{"a":1}\n{"a":2}\n'])
  })

  it('gathers also what comes while it writes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { sink, taken, take } = heldSink()
    const writer = new LineWriter({ sink, delay: 20 })
    writer.write('audit', 'one')
    vi.advanceTimersByTime(20)
    writer.write('audit', 'two')
    await take()
    await new Promise((resolve) => setImmediate(resolve))
    writer.write('audit', 'three')
    vi.advanceTimersByTime(20)
    await take()
    expect(taken).toEqual(['one\n', 'two\nthree\n'])
  })

  it('goes on after a partial write and after a full pipe', async () => {
    const { sink, taken, take } = heldSink()
    const writer = new LineWriter({ sink })
    writer.write('audit', 'abcdef')
    const flushed = writer.flush()
    await take(2)
    await take('later')
    await take()
    await flushed
    expect(taken.join('')).toBe('abcdef\n')
  })

  it('drops and counts what a slow reader leaves no room for, and takes lines again later', async () => {
    const { sink, taken, take } = heldSink()
    const writer = new LineWriter({ sink, maxBuffered: 10 })
    writer.write('audit', '12345678')
    const flushed = writer.flush()
    writer.write('security', 'too long')
    writer.write('audit', 'also too long')
    expect(writer.dropped).toEqual({ operational: 0, security: 1, audit: 1 })
    await take()
    await flushed
    writer.write('audit', 'again')
    const again = writer.flush()
    await take()
    await again
    expect(taken).toEqual(['12345678\n', 'again\n'])
  })

  it('counts lines that were lost on the way', async () => {
    const { sink, take } = heldSink()
    const writer = new LineWriter({ sink })
    for (const log of ['audit', 'audit', 'security'] as const) writer.write(log, 'x')
    const flushed = writer.flush()
    await take('lost')
    await flushed
    expect(writer.dropped).toEqual({ operational: 0, security: 1, audit: 2 })
  })

  it('flushes also what was written meanwhile', async () => {
    const { sink, taken, take } = heldSink()
    const writer = new LineWriter({ sink })
    writer.write('audit', 'one')
    const flushed = writer.flush()
    writer.write('audit', 'two')
    await take()
    await take()
    await flushed
    expect(taken).toEqual(['one\n', 'two\n'])
  })
})
