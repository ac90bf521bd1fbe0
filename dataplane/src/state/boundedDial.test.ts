import { once } from 'node:events'
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { boundedDial } from './boundedDial.ts'
import { NamespaceFull, NamespaceLoads } from './namespaceLoads.ts'

let server: Server
beforeEach(async () => {
  server = createServer((socket) => void socket.resume()).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(async () => {
  server.close()
  await once(server, 'close')
})

async function opened(): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

function bounded(dial: () => Promise<Socket>) {
  const loads = new NamespaceLoads()
  loads.adopt(1)
  return { dial: boundedDial(dial, () => loads.of('shop')), load: loads.of('shop') }
}

describe('connections of a namespace', () => {
  it('count from the attempt until they are closed, and are no more than may be', async () => {
    const { dial, load } = bounded(opened)
    const first = dial()
    expect(load.connections).toBe(1)
    const second = await dial()
    await expect(dial()).rejects.toBeInstanceOf(NamespaceFull)
    expect(load.connections).toBe(2)
    second.destroy()
    await once(second, 'close')
    expect(load.connections).toBe(1)
    const third = await dial()
    for (const socket of [await first, third]) {
      socket.destroy()
      await once(socket, 'close')
    }
    expect(load.connections).toBe(0)
  })

  it('that do not come about count no longer', async () => {
    const { dial, load } = bounded(() => Promise.reject(new Error('refused')))
    await expect(dial()).rejects.toThrow('refused')
    expect(load.connections).toBe(0)
  })

  it('that are closed before anybody has them count no longer', async () => {
    const { dial, load } = bounded(async () => {
      const socket = (await opened()).destroy()
      await once(socket, 'close')
      return socket
    })
    await dial()
    expect(load.connections).toBe(0)
  })
})
