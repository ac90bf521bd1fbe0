import type { ConnectionOptions } from 'node:tls'
import { preface, settings, settingsAck, types, flags } from './http2Frames.ts'
import { openRaw } from './raw.ts'

/** What came back on one stream. */
export interface RawStream {
  /** The final status; null = none came. */
  readonly status: number | null
  readonly informational: readonly number[]
  readonly body: Buffer
  /** END_STREAM came. */
  readonly ended: boolean
  /** A second header section came after the body. */
  readonly trailers: boolean
  /** The error code of a RST_STREAM. */
  readonly reset: number | null
}

type Growing = { -readonly [K in keyof RawStream]: RawStream[K] } & { informational: number[] }

/** A client that sends bytes and reads frames. */
export interface RawHttp2 {
  send(...frames: readonly Buffer[]): Promise<void>
  stream(id: number): RawStream
  /** Waits until a stream has ended, been reset, or its connection has closed. */
  over(id: number): Promise<RawStream>
  /** The newest GOAWAY. */
  goaway(): { readonly code: number; readonly last: number } | null
  /** How many frames of a type came. */
  count(type: number): number
  closed(): boolean
  until(done: () => boolean): Promise<void>
  close(): void
}

interface Options {
  readonly tls?: ConnectionOptions
  /** Settings of the client; an entry is identifier and value. */
  readonly settings?: readonly (readonly [number, number])[]
  /** Does not acknowledge the server's settings. */
  readonly silent?: true
  /** Milliseconds; default 10,000. */
  readonly timeout?: number
}

/** Opens a connection and sends the preface and settings that forbid the server to refer to earlier headers. */
export async function openHttp2(
  target: { readonly address: string; readonly port: number },
  { tls, settings: wanted = [], silent, timeout = 10_000 }: Options = {},
): Promise<RawHttp2> {
  const raw = await openRaw(target, tls === undefined ? {} : { tls: { ALPNProtocols: ['h2'], ...tls } })
  const streams = new Map<number, Growing>()
  const counts = new Map<number, number>()
  let goaway: { code: number; last: number } | null = null
  let closed = false
  let rest: Buffer = Buffer.alloc(0)
  const waiting = new Set<() => void>()
  const of = (id: number): Growing => {
    const known = streams.get(id)
    if (known !== undefined) return known
    const fresh: Growing = {
      ...{ status: null, informational: [], body: Buffer.alloc(0), ended: false, trailers: false, reset: null },
    }
    streams.set(id, fresh)
    return fresh
  }
  const read = (type: number, flag: number, id: number, payload: Buffer): void => {
    counts.set(type, (counts.get(type) ?? 0) + 1)
    if (type === types.settings && (flag & flags.ack) === 0 && !silent) raw.socket.write(settingsAck)
    if (type === types.goaway) goaway = { code: payload.readUInt32BE(4), last: payload.readUInt32BE(0) & 0x7fffffff }
    if (type === types.rstStream) of(id).reset = payload.readUInt32BE(0)
    if (type === types.data) of(id).body = Buffer.concat([of(id).body, payload])
    if (type === types.headers) readSection(of(id), payload)
    if ((type === types.data || type === types.headers) && (flag & flags.endStream) !== 0) of(id).ended = true
  }
  raw.socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const end = 9 + rest.readUIntBE(0, 3)
      read(rest[3]!, rest[4]!, rest.readUInt32BE(5) & 0x7fffffff, rest.subarray(9, end))
      rest = rest.subarray(end)
    }
    for (const look of waiting) look()
  })
  const gone = (): void => {
    closed = true
    for (const look of waiting) look()
  }
  raw.socket.on('end', gone)
  raw.socket.on('close', gone)
  const until = (done: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer)
        waiting.delete(look)
      }
      const look = (): void => {
        if (!done()) return
        finish()
        resolve()
      }
      const timer = setTimeout(() => {
        finish()
        reject(new Error(`not within ${timeout} ms; ${streams.size} streams, GOAWAY ${goaway?.code}`))
      }, timeout)
      waiting.add(look)
      look()
    })
  const headerTableSize = [1, 0] as const
  await raw.send(Buffer.concat([preface, settings(headerTableSize, ...wanted)]))
  return {
    send: (...frames) => raw.send(Buffer.concat(frames)),
    stream: of,
    over: async (id) => {
      await until(() => closed || of(id).ended || of(id).reset !== null)
      return of(id)
    },
    goaway: () => goaway,
    count: (type) => counts.get(type) ?? 0,
    closed: () => closed,
    until,
    close: () => raw.close(),
  }
}

function readSection(stream: Growing, payload: Buffer): void {
  const status = statusOf(payload)
  if (status === null) stream.trailers = true
  else if (status < 200) stream.informational.push(status)
  else stream.status = status
}

/** What an index of the static table of HPACK says (RFC 7541 A). */
const indexed: Readonly<Record<number, number>> = { 8: 200, 9: 204, 10: 206, 11: 304, 12: 400, 13: 404, 14: 500 }

/** `:status`, the first field of a response; null = the section is of trailers. */
function statusOf(payload: Buffer): number | null {
  let at = 0
  // Sizes of the dynamic table.
  while ((payload[at]! & 0xe0) === 0x20) {
    const long = (payload[at++]! & 0x1f) === 0x1f
    while (long && (payload[at++]! & 0x80) !== 0);
  }
  const first = payload[at]!
  if ((first & 0x80) !== 0) return indexed[first & 0x7f] ?? null
  const index = (first & 0xc0) === 0x40 ? first & 0x3f : first & 0x0f
  if (index < 8 || index > 14) return null
  const head = payload[at + 1]!
  const bytes = payload.subarray(at + 2, at + 2 + (head & 0x7f))
  return Number((head & 0x80) === 0 ? bytes.toString('latin1') : digits(bytes))
}

/** Digits in the Huffman code of HPACK (RFC 7541 B). */
function digits(bytes: Buffer): string {
  let bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  let found = ''
  for (;;) {
    const five = Number.parseInt(bits.slice(0, 5), 2)
    const six = Number.parseInt(bits.slice(0, 6), 2)
    if (bits.length >= 5 && five <= 2) {
      found += five
      bits = bits.slice(5)
    } else if (bits.length >= 6 && six >= 25 && six <= 31) {
      found += six - 22
      bits = bits.slice(6)
    } else return found
  }
}
