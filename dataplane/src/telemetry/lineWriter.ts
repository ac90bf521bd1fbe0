import type { LogName } from './fields.ts'

/** Where finished lines go: a file descriptor, or a test's memory. */
export interface LineSink {
  /** Writes some of the bytes and calls back with how many; the bytes are the writer's again after that. */
  write(bytes: Buffer, done: (result: WriteResult) => void): void
}

/** How many bytes were written; `later` = none for now; `lost` = nobody can take them any more. */
export type WriteResult = number | 'later' | 'lost'

export interface LineWriterOptions {
  readonly sink: LineSink
  /** Most bytes held while the reader is slow; what comes beyond is dropped and counted. */
  readonly maxBuffered?: number
  /** Milliseconds that a line may wait for others. */
  readonly delay?: number
}

type Counts = Record<LogName, number>

/** Lines one after the other, as they will be written. */
interface Chunk {
  readonly bytes: Buffer
  used: number
  /** How many lines of each log it holds. */
  readonly counts: Counts
}

const chunkSize = 64 * 1024
const retryDelay = 20

/**
 * Gathers lines and writes many at once, so that no request waits for its log line. A reader that is too slow costs
 * lines, never memory or time: they are counted by log, never lost in silence.
 */
export class LineWriter {
  readonly #sink: LineSink
  readonly #maxBuffered: number
  readonly #delay: number
  readonly #dropped = noLines()
  #chunks: Chunk[] = []
  #buffered = 0
  #timer: NodeJS.Timeout | null = null
  #writing: Promise<void> | null = null

  constructor(options: LineWriterOptions) {
    this.#sink = options.sink
    this.#maxBuffered = options.maxBuffered ?? 8 * 1024 * 1024
    this.#delay = options.delay ?? 50
  }

  /** Lines dropped so far, by log. */
  get dropped(): Readonly<Counts> {
    return this.#dropped
  }

  /** @param line - one JSON object in ASCII, without line end */
  write(log: LogName, line: string): void {
    const size = line.length + 1
    if (this.#buffered + size > this.#maxBuffered) {
      this.#dropped[log]++
      return
    }
    let chunk = this.#chunks.at(-1)
    if (chunk === undefined || chunk.used + size > chunk.bytes.length) {
      chunk = { bytes: Buffer.allocUnsafeSlow(Math.max(chunkSize, size)), used: 0, counts: noLines() }
      this.#chunks.push(chunk)
    }
    chunk.bytes.write(line, chunk.used, 'latin1')
    chunk.bytes[chunk.used + line.length] = 0x0a
    chunk.used += size
    chunk.counts[log]++
    this.#buffered += size
    if (this.#writing === null && this.#timer === null) {
      this.#timer = setTimeout(() => void this.flush(), this.#delay)
    }
  }

  /** Writes what is held, and what comes while it is being written. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#chunks.length > 0) this.#writing ??= this.#drain()
    await this.#writing
  }

  /** Ends in the same step in which it finds nothing more to write: a line that comes later begins anew. */
  async #drain(): Promise<void> {
    try {
      while (this.#chunks.length > 0) {
        const chunks = this.#chunks
        this.#chunks = []
        for (const chunk of chunks) await this.#writeChunk(chunk)
      }
    } finally {
      this.#writing = null
    }
  }

  async #writeChunk({ bytes, used, counts }: Chunk): Promise<void> {
    if (!(await this.#writeAll(bytes.subarray(0, used)))) this.#drop(counts)
    this.#buffered -= used
  }

  /** @returns false when not all of it arrived */
  async #writeAll(bytes: Buffer): Promise<boolean> {
    for (let offset = 0; offset < bytes.length;) {
      const result = await new Promise<WriteResult>((resolve) => this.#sink.write(bytes.subarray(offset), resolve))
      if (result === 'lost') return false
      if (result === 'later') await new Promise((resolve) => setTimeout(resolve, retryDelay))
      else offset += result
    }
    return true
  }

  #drop(counts: Readonly<Counts>): void {
    this.#dropped.operational += counts.operational
    this.#dropped.security += counts.security
    this.#dropped.audit += counts.audit
  }
}

const noLines = (): Counts => ({ operational: 0, security: 0, audit: 0 })
