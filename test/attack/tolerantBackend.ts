import { createServer, type AddressInfo, type Socket } from 'node:net'

/** Which of two framings a backend believes that gets both. */
export type Belief = 'chunks' | 'length'

/** A server that takes what no server should, and remembers what it took for requests. */
export interface TolerantBackend {
  readonly address: string
  readonly port: number
  /** First lines of what it took for requests, in the order in which they were whole. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

interface Taken {
  readonly line: string
  /** What is left behind the request. */
  readonly rest: string
}

/**
 * The first request in the text: lines may end in LF alone, be folded and have spaces around names; any coding that has
 * `chunked` in it is that; sizes are read as far as they are digits.
 *
 * @returns null when more is needed
 */
function takeRequest(text: string, belief: Belief): Taken | null {
  const begun = text.replace(/^[\s\0]+/, '')
  const head = /^([^]*?)\r?\n\r?\n/.exec(begun)
  if (head === null) return null
  const [line = '', ...fields] = head[1]!.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n|\r/)
  const valueOf = (name: RegExp): string | undefined => fields.find((field) => name.test(field))?.replace(/^[^:]*:/, '')
  const chunked = valueOf(/^\s*transfer[-_]encoding\s*:.*chunked/i) !== undefined
  const length = valueOf(/^\s*content[-_]length\s*:/i)
  const after = begun.slice(head[0].length)
  const rest =
    chunked && (belief === 'chunks' || length === undefined)
      ? behindChunks(after)
      : behindLength(after, Number.parseInt(length ?? '0', 10))
  return rest === null ? null : { line, rest }
}

function behindLength(text: string, length: number): string | null {
  const size = length > 0 ? length : 0
  return text.length < size ? null : text.slice(size)
}

function behindChunks(text: string): string | null {
  const line = /^([^\n]*?)\r?\n/.exec(text)
  if (line === null) return null
  const size = Math.abs(Number.parseInt(line[1]!, 16)) || 0
  const after = text.slice(line[0].length)
  if (size === 0) {
    const end = /^(?:[^\r\n]+\r?\n)*\r?\n/.exec(after)
    return end === null ? null : after.slice(end[0].length)
  }
  return after.length < size ? null : behindChunks(after.slice(size).replace(/^\r?\n/, ''))
}

export async function startTolerantBackend(belief: Belief): Promise<TolerantBackend> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    let text = ''
    sockets.add(socket)
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      for (let taken = takeRequest(text, belief); taken !== null; taken = takeRequest(text, belief)) {
        text = taken.rest
        requests.push(taken.line)
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { address, port } = server.address() as AddressInfo
  return {
    address,
    port,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
