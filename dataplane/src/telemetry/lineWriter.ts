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

const chunkSize = 256 * 1024
const maxSpare = 4
const retryDelay = 20

/**
 * Gathers lines and writes many at once, so that no request waits for its log line, and a busy process does not pay for a
 * write for each. A reader that is too slow costs lines, never memory or time: they are counted by log, never lost in
 * silence.
 */
export class LineWriter {
  readonly #sink: LineSink
  readonly #maxBuffered: number
  readonly #delay: number
  readonly #dropped = noLines()
  #chunks: Chunk[] = []
  /** What chunks that were written leave. */
  readonly #spare: Buffer[] = []
  #buffered = 0
  #timer: NodeJS.Timeout | null = null
  #writing: Promise<void> | null = null

  constructor(options: LineWriterOptions) {
    this.#sink = options.sink
    this.#maxBuffered = options.maxBuffered ?? 8 * 1024 * 1024
    this.#delay = options.delay ?? 20
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
      chunk = { bytes: this.#room(size), used: 0, counts: noLines() }
      this.#chunks.push(chunk)
    }
    chunk.bytes.write(line, chunk.used, 'latin1')
    chunk.bytes[chunk.used + line.length] = 0x0a
    chunk.used += size
    chunk.counts[log]++
    this.#buffered += size
    if (this.#writing === null && this.#timer === null) this.#writeLater()
  }

  /** Writes what is held, and what comes while it is being written. */
  async flush(): Promise<void> {
    while (this.#chunks.length > 0 || this.#writing !== null) await this.#drain()
  }

  /** Memory that is used again is there already, and in the caches. */
  #room(size: number): Buffer {
    return (size > chunkSize ? undefined : this.#spare.pop()) ?? Buffer.allocUnsafeSlow(Math.max(chunkSize, size))
  }

  #writeLater(): void {
    this.#timer = setTimeout(() => void this.#drain(), this.#delay)
  }

  /** Writes what is held by now, unless it is at it; what comes meanwhile waits for others again. */
  #drain(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#writing ??= this.#writeChunks()
    return this.#writing
  }

  async #writeChunks(): Promise<void> {
    const chunks = this.#chunks
    this.#chunks = []
    try {
      for (const chunk of chunks) await this.#writeChunk(chunk)
    } finally {
      this.#writing = null
      if (this.#chunks.length > 0 && this.#timer === null) this.#writeLater()
    }
  }

  async #writeChunk({ bytes, used, counts }: Chunk): Promise<void> {
    if (!(await this.#writeAll(bytes.subarray(0, used)))) this.#drop(counts)
    this.#buffered -= used
    if (bytes.length === chunkSize && this.#spare.length < maxSpare) this.#spare.push(bytes)
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
