import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Lanes } from './lanes.ts'

/** WebSockets whose every message is sent back. The status of a message is that of its size: 200 when nothing is missing. */
export async function socketLanes(port: number, count: number, message: Buffer): Promise<Lanes> {
  const sockets = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, {
        headers: { host: 'api.shop.example' },
        perMessageDeflate: false,
      })
      await once(socket, 'open')
      return socket
    }),
  )
  return {
    count,
    ask: (lane) => ask(sockets[lane]!, message),
    close: () => sockets.forEach((socket) => socket.terminate()),
  }
}

const ask = (socket: WebSocket, message: Buffer): Promise<number> =>
  new Promise((resolve, reject) => {
    const leave = (): void => void socket.off('message', answered).off('close', closed)
    const answered = (data: Buffer): void => {
      leave()
      resolve(data.length === message.length ? 200 : 500)
    }
    const closed = (): void => {
      leave()
      reject(new Error('the connection ended before the answer'))
    }
    socket.on('message', answered).on('close', closed)
    socket.send(message)
  })
