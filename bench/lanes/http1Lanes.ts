import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { AnswerReader } from './answerReader.ts'
import type { Lanes } from './lanes.ts'

/** The bytes of request number `index`. */
export type Requests = (index: number) => string | Buffer

interface Http1Options {
  readonly port: number
  /** PEM of the authority that the peer is verified against; null = plain text. */
  readonly authority: string | null
  readonly count: number
  readonly request: Requests
}

interface Waiting {
  readonly resolve: (status: number) => void
  readonly reject: (error: Error) => void
}

/** HTTP/1.1 connections that are kept, from raw bytes, so that asking costs less than answering. */
export async function http1Lanes({ port, authority, count, request }: Http1Options): Promise<Lanes> {
  let index = 0
  const lanes = await Promise.all(Array.from({ length: count }, () => open(port, authority)))
  return {
    count,
    ask: (lane) => lanes[lane]!.ask(request(index++)),
    close: () => lanes.forEach((one) => one.close()),
  }
}

interface Lane {
  ask(bytes: string | Buffer): Promise<number>
  close(): void
}

async function open(port: number, authority: string | null): Promise<Lane> {
  const socket: Socket =
    authority === null
      ? connect({ port, host: '127.0.0.1', noDelay: true })
      : connectTls({
          port,
          host: '127.0.0.1',
          servername: 'api.shop.example',
          ca: authority,
          ALPNProtocols: ['http/1.1'],
        })
  await new Promise<void>((resolve, reject) => {
    socket.once(authority === null ? 'connect' : 'secureConnect', resolve)
    socket.once('error', reject)
  })
  const reader = new AnswerReader()
  let waiting: Waiting | null = null
  const settle = (status: number): void => {
    const before = waiting
    waiting = null
    before?.resolve(status)
  }
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    const status = reader.read(text)
    if (status !== null) settle(status)
  })
  const fail = (error: Error): void => waiting?.reject(error)
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the connection ended before the answer')))
  return {
    ask: (bytes) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        if (typeof bytes === 'string') socket.write(bytes, 'latin1')
        else socket.write(bytes)
      }),
    close: () => void socket.destroy(),
  }
}
