import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { connect as connectHttp2 } from 'node:http2'
import { Agent, request } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { WebSocket } from 'ws'
import { streamKinds, type Span, type StreamKind, type StreamOptions, type StreamResult } from './streamResult.ts'

/**
 * A client of what lasts: WebSockets, calls of gRPC and downloads, each after the other, over connections of their own;
 * it repeats none. Started on the node with its options as JSON. It says `open` when all have begun, begins no more when
 * its standard input ends, and then prints a {@link StreamResult}.
 */
const options = JSON.parse(process.argv[2] ?? '{}') as StreamOptions
const ca = await readFile(options.caFile, 'utf8')
const { address, port, host, milliseconds } = options
const steps = 20
const rhythm = milliseconds / steps

interface OpenSocket {
  readonly socket: WebSocket
  /** With which code it was closed, by whomever. */
  readonly closed: Promise<number>
}

async function openSocket(): Promise<OpenSocket> {
  const agent = new Agent({ ca, servername: host })
  const socket = new WebSocket(`wss://${address}:${port}${options.socketPath}`, { agent, headers: { host } })
  socket.on('error', () => {})
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  const opened = new Promise<null>((resolve) => socket.once('open', () => resolve(null)))
  if ((await Promise.race([opened, closed])) !== null) throw new Error('was not opened')
  return { socket, closed }
}

/** Says something and hears the same. */
async function exchange({ socket, closed }: OpenSocket, text: string): Promise<void> {
  const heard = new Promise<string>((resolve) => socket.once('message', (data: Buffer) => resolve(data.toString())))
  socket.send(text, () => {})
  const answer = await Promise.race([heard, closed])
  if (typeof answer === 'number') throw new Error(`was cut with ${answer}`)
  if (answer !== text) throw new Error('said something else')
}

async function useSocket(opened: () => void): Promise<void> {
  const open = await openSocket()
  opened()
  for (let step = 0; step < steps; step++) {
    await exchange(open, `message ${step}`)
    await pause(rhythm)
  }
  open.socket.close(1000)
  const code = await open.closed
  if (code !== 1000) throw new Error(`ended with ${code}`)
}

function call(opened: () => void): Promise<void> {
  const session = connectHttp2(`https://${host}`, {
    createConnection: () => connectTls({ host: address, port, servername: host, ca, ALPNProtocols: ['h2'] }),
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  session.on('error', reject)
  const stream = session.request({
    ':method': 'POST',
    ':path': options.callPath,
    ':authority': host,
    'content-type': 'application/grpc',
    te: 'trailers',
    milliseconds: String(milliseconds),
  })
  const parts: Buffer[] = []
  let status: unknown
  stream.on('error', reject).on('response', opened)
  stream.on('trailers', (trailers) => (status = trailers['grpc-status']))
  stream.on('data', (part: Buffer) => parts.push(part))
  stream.on('close', () => {
    const { length } = Buffer.concat(parts)
    if (status === '0' && length === steps * 6) resolve()
    else reject(new Error(`ended with ${String(status)} after ${length} bytes`))
  })
  stream.end()
  return promise.finally(() => session.close())
}

const wanted = createHash('sha256').update('slow\n'.repeat(1000).repeat(steps)).digest('hex')

function download(opened: () => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const path = `${options.downloadPath}?ms=${milliseconds}`
  const at = { host: address, port, servername: host, headers: { host }, path, ca, agent: false }
  const outgoing = request(at, (response) => {
    opened()
    const hash = createHash('sha256')
    response.on('data', (chunk: Buffer) => hash.update(chunk)).on('error', reject)
    response.on('end', () => {
      if (hash.digest('hex') === wanted) resolve()
      else reject(new Error('another download came'))
    })
  })
  outgoing.on('error', reject).end()
  return promise
}

const kinds: { readonly [K in StreamKind]: (opened: () => void) => Promise<void> } = {
  sockets: useSocket,
  calls: call,
  downloads: download,
}
const whole: { [K in StreamKind]: Span[] } = { sockets: [], calls: [], downloads: [] }
const lost = new Map<string, number>()
const endless: Span[] = []

let ending = false
const isOver = (): boolean => ending
process.stdin.on('end', () => (ending = true)).resume()

async function again(kind: StreamKind, opened: () => void): Promise<void> {
  while (!isOver()) {
    const began = Date.now()
    try {
      await kinds[kind](opened)
      whole[kind].push([began, Date.now()])
    } catch (error) {
      const reason = `${kind} ${error instanceof Error ? error.message : 'unknown'}`
      lost.set(reason, (lost.get(reason) ?? 0) + 1)
    }
  }
}

async function goOn(opened: () => void): Promise<void> {
  const open = await openSocket()
  opened()
  const began = Date.now()
  let heard = began
  try {
    for (let step = 0; ; step++) {
      await exchange(open, `message ${step}`)
      heard = Date.now()
      await pause(100)
    }
  } catch {
    endless.push([began, heard])
  }
}

const begun: Promise<void>[] = []
const running: Promise<void>[] = []
const start = (run: (opened: () => void) => Promise<void>): void => {
  const { promise, resolve } = Promise.withResolvers<void>()
  begun.push(promise)
  running.push(run(resolve))
}
for (const kind of streamKinds)
  for (let count = 0; count < options.parallel; count++) start((opened) => again(kind, opened))
for (let count = 0; count < options.endless; count++) start(goOn)
await Promise.all(begun)
process.stdout.write('open\n')
await Promise.all(running)
const result: StreamResult = { whole, lost: Object.fromEntries(lost), endless }
process.stdout.write(`${JSON.stringify(result)}\n`)
process.exit(0)
