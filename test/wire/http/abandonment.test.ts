import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { openRaw } from '../../support/raw.ts'
import { head, keeper, timeouts, until } from './keeper.ts'

const { backend, keep, rawBackend, start } = keeper()

describe('a client that goes away', () => {
  it('frees the upstream connection while it waits', async () => {
    let asked = 0
    const target = await rawBackend(() => asked++)
    const fixture = await start({ targets: [target] })
    const connection = await openRaw(fixture)
    await connection.send(head('GET', '/'))
    await until(() => asked === 1)
    connection.close()
    await until(() => target.open() === 0)
    expect((await fixture.recorded(1))[0]).toMatchObject({ status: 499, completed: false, code: null })
    expect(fixture.pools.stats().requests).toBe(0)
  })

  it('frees the upstream connection in the middle of a download', async () => {
    const target = await rawBackend((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n')
    })
    const fixture = await start({ targets: [target] })
    const socket = connect(fixture.port, fixture.address)
    socket.write(head('GET', '/'))
    await new Promise((resolve) => socket.once('data', resolve))
    socket.resetAndDestroy()
    await until(() => target.open() === 0)
    expect((await fixture.recorded(1))[0]).toMatchObject({ status: 200, completed: false })
  })

  it('breaks off the upload', async () => {
    const target = await backend()
    const fixture = await start({ targets: [target] })
    const connection = await openRaw(fixture)
    await connection.send('POST / HTTP/1.1\r\nHost: api.shop.example\r\nContent-Length: 10\r\n\r\nabc')
    await until(() => target.bytes().includes('abc'))
    connection.close()
    await until(() => target.requests.length === 1)
    expect(target.requests[0]).toMatchObject({ complete: false })
    expect((await fixture.recorded(1))[0]).toMatchObject({ status: 400, code: 'bad-request', check: 'form' })
  })

  it('before admission has answered is not forwarded', async () => {
    const target = await backend()
    let admitted = (): void => {}
    let asked = false
    const fixture = await start({
      targets: [target],
      around: async (_raw, admit) => {
        asked = true
        await new Promise<void>((resolve) => (admitted = resolve))
        return await admit()
      },
    })
    const connection = await openRaw(fixture)
    await connection.send(head('GET', '/'))
    await until(() => asked)
    connection.close()
    await until(() => fixture.listeners.connections()[0]?.count === 0)
    admitted()
    expect((await fixture.recorded(1))[0]).toMatchObject({ decision: 'permit', status: 499, upstream: null })
    expect(target.accepted()).toBe(0)
  })

  it('does not cost the upstream connection when it had not been given one', async () => {
    const held: Socket[] = []
    const target = await rawBackend((socket) => held.push(socket))
    const fixture = await start({ targets: [target] })
    const first = await openRaw(fixture)
    await first.send(head('GET', '/'))
    await until(() => held.length === 1)
    held[0]?.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    await first.read(1)
    // The idle connection is checked for a turn of the event loop before it is used again.
    first.socket.write(head('GET', '/'), () => first.close())
    await fixture.recorded(2)
    expect(fixture.pools.stats().requests).toBe(0)
  })
})

describe('back-pressure', () => {
  const limit = 32 * 1024 * 1024

  it('stops an upstream whose client does not read', async () => {
    let written = 0
    let blocked = false
    const target = await rawBackend((socket) => {
      const chunk = Buffer.alloc(64 * 1024)
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${limit * 8}\r\n\r\n`)
      const more = (): void => {
        do written += chunk.length
        while (socket.write(chunk))
        blocked = true
        socket.once('drain', more)
      }
      more()
    })
    const fixture = await start({ targets: [target] })
    const socket = connect(fixture.port, fixture.address)
    await keep({ close: async () => void socket.destroy() })
    socket.pause()
    socket.write(head('GET', '/'))
    await until(() => blocked)
    await settled(() => written)
    expect(written).toBeLessThan(limit)
    const before = written
    socket.resume()
    await until(() => written > before)
  })

  it('lets go of both when a client does not go on reading', async () => {
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
    const target = await rawBackend((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
      const more = (): void => {
        while (socket.write(chunk));
        socket.once('drain', more)
      }
      more()
    })
    const fixture = await start({ targets: [target], action: timeouts({ idle: 200 }) })
    const socket = connect(fixture.port, fixture.address)
    await keep({ close: async () => void socket.destroy() })
    socket.pause()
    socket.write(head('GET', '/'))
    expect((await fixture.recorded(1))[0]).toMatchObject({ status: 200, code: null, completed: false })
    await until(() => target.open() === 0)
  })

  it('stops a client whose upstream does not read', async () => {
    const target = await rawBackend((socket) => socket.pause())
    const fixture = await start({ targets: [target] })
    const socket = connect(fixture.port, fixture.address)
    await keep({ close: async () => void socket.destroy() })
    socket.write(`POST / HTTP/1.1\r\nHost: api.shop.example\r\nContent-Length: ${limit * 8}\r\n\r\n`)
    let written = 0
    const chunk = Buffer.alloc(64 * 1024)
    const more = (): void => {
      do written += chunk.length
      while (socket.write(chunk) && written < limit * 2)
    }
    socket.on('drain', more)
    more()
    await settled(() => written)
    expect(written).toBeLessThan(limit)
  })
})

/** Waits until a value has been the same for twenty looks in a row. */
async function settled(value: () => number): Promise<void> {
  for (let last = -1, same = 0; same < 20; last = value()) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    same = value() === last ? same + 1 : 0
  }
}
