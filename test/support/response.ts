/** A response as it came over the wire. */
export interface RawResponse {
  readonly status: number
  /** Name, value, name, value … as received. */
  readonly rawHeaders: readonly string[]
  /** Values by lower-case name. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  /** The decoded body. */
  readonly body: Buffer
  /** False when the connection ended before the body did. */
  readonly complete: boolean
}

interface Read {
  readonly response: RawResponse
  /** Offset of the first byte after it. */
  readonly end: number
}

/**
 * Reads an HTTP/1.1 response (RFC 9112), more strictly than a client would.
 *
 * @returns null when more bytes are needed
 * @throws Error when the bytes are no response
 */
export function readResponse(
  bytes: Buffer,
  offset: number,
  context: { readonly closed: boolean; readonly head: boolean },
): Read | null {
  const headEnd = bytes.indexOf('\r\n\r\n', offset)
  if (headEnd < 0) return null
  const lines = bytes.toString('latin1', offset, headEnd).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(`${lines[0]} `)?.[1])
  if (Number.isNaN(status)) throw new Error(`no status line: ${JSON.stringify(lines[0])}`)
  const rawHeaders = lines.slice(1).flatMap((line) => {
    const parts = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line)
    if (parts === null) throw new Error(`no header line: ${JSON.stringify(line)}`)
    return [parts[1]!, parts[2]!]
  })
  const headers = byName(rawHeaders)
  const bodyless = context.head || status < 200 || status === 204 || status === 304
  const content = bodyless
    ? { body: Buffer.alloc(0), end: headEnd + 4, complete: true }
    : readBody(bytes, headEnd + 4, headers, context.closed)
  if (content === null) return null
  const { body, end, complete } = content
  return { response: { status, rawHeaders, headers, body, complete }, end }
}

function byName(rawHeaders: readonly string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), rawHeaders[index + 1]!])
  }
  return headers
}

interface Body {
  readonly body: Buffer
  readonly end: number
  readonly complete: boolean
}

function readBody(
  bytes: Buffer,
  start: number,
  headers: ReadonlyMap<string, readonly string[]>,
  closed: boolean,
): Body | null {
  if (headers.get('transfer-encoding')?.[0] === 'chunked') return readChunks(bytes, start, closed)
  const length = headers.get('content-length')?.[0]
  if (length === undefined) return closed ? { body: bytes.subarray(start), end: bytes.length, complete: true } : null
  const end = start + Number(length)
  if (bytes.length >= end) return { body: bytes.subarray(start, end), end, complete: true }
  return closed ? { body: bytes.subarray(start), end: bytes.length, complete: false } : null
}

function readChunks(bytes: Buffer, start: number, closed: boolean): Body | null {
  const chunks: Buffer[] = []
  const torn = (): Body | null => (closed ? { body: Buffer.concat(chunks), end: bytes.length, complete: false } : null)
  for (let offset = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', offset)
    if (lineEnd < 0) return torn()
    const size = Number.parseInt(bytes.toString('latin1', offset, lineEnd), 16)
    if (Number.isNaN(size)) throw new Error('no chunk size')
    if (size === 0) {
      const end = bytes.indexOf('\r\n\r\n', lineEnd)
      return end < 0 ? torn() : { body: Buffer.concat(chunks), end: end + 4, complete: true }
    }
    const chunkEnd = lineEnd + 2 + size
    if (bytes.length < chunkEnd + 2) return torn()
    chunks.push(bytes.subarray(lineEnd + 2, chunkEnd))
    offset = chunkEnd + 2
  }
}
