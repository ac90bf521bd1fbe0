import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { listen, type Listening } from './leakScenario.ts'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
const upgraded = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
const upgrade = `GET /sockets HTTP/1.1\r\nHost: api.shop.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`
/** A masked text frame of two bytes, and a masked close frame. */
const text = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])
const goodbye = Buffer.from([0x88, 0x80, 0, 0, 0, 0])

/** A backend that takes every request for a WebSocket and sends back what comes on it. */
export function startSocketBackend(): Promise<Listening> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => {
      socket.write(upgraded)
      socket.on('data', (chunk) => socket.write(chunk))
    })
  })
  return listen(server)
}

/**
 * Opens a WebSocket and drops it: half by a reset, the others with a close frame or without; most once something came
 * back on it.
 *
 * @returns whether it was opened
 */
export async function droppedSocket(port: number, random: () => number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let came = ''
  socket.on('error', () => socket.destroy())
  socket.write(upgrade)
  const patient = random() < 0.8
  const leave = (): void => {
    const manner = random()
    if (manner < 0.5) socket.resetAndDestroy()
    else if (manner < 0.75) socket.end(goodbye)
    else socket.destroy()
  }
  socket.on('data', (chunk: Buffer) => {
    const before = came.length
    came += chunk.toString('latin1')
    if (socket.writableEnded) return
    if (before > 0 || !patient) leave()
    else socket.write(text)
  })
  await once(socket, 'close')
  return came.startsWith('HTTP/1.1 101')
}

const size = 2 ** 20
const download = 'GET /large HTTP/1.1\r\nHost: api.shop.example\r\n\r\n'
const upload = `POST /large HTTP/1.1\r\nHost: api.shop.example\r\nContent-Length: ${size}\r\n\r\n`

/** A backend that reads to the end and answers with a mebibyte. */
export function startLargeBackend(): Promise<Listening> {
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`
  const body = Buffer.alloc(size, 'x')
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      if (chunk.includes('GET ')) socket.write(Buffer.concat([Buffer.from(head), body]))
    })
  })
  return listen(server)
}

/** Clients that read or write a few bytes at a time, all at once. */
export interface SlowClients {
  /** Those whose connection is still there. */
  open(): number
  /** Ends all by a reset. */
  close(): Promise<void>
}

/** Milliseconds between two of a client's few bytes. */
const pace = 200

/** @param count - half of them read, half of them write */
export async function startSlowClients(port: number, count: number): Promise<SlowClients> {
  const sockets = Array.from({ length: count }, (_, index) => slowClient(port, index % 2 === 0))
  await Promise.all(sockets.map(async (socket) => await once(socket, 'connect')))
  return {
    open: () => sockets.filter((socket) => !socket.destroyed).length,
    close: async () => {
      for (const socket of sockets) socket.resetAndDestroy()
      await Promise.all(sockets.map(async (socket) => socket.closed || (await once(socket, 'close'))))
    },
  }
}

function slowClient(port: number, reads: boolean): Socket {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.on('error', () => socket.destroy())
  socket.pause()
  socket.write(reads ? download : upload)
  const timer = setInterval(() => {
    if (reads) socket.read(512)
    else socket.write('w')
  }, pace)
  socket.on('close', () => clearInterval(timer))
  return socket
}
