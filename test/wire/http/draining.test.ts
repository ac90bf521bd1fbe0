import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openRaw, sendRaw, type RawConnection, type RawExchange } from '../../support/raw.ts'
import { head, keeper, until } from './keeper.ts'

const { backend, rawBackend, start } = keeper()

const closing = (exchange: RawExchange): (string | undefined)[] =>
  exchange.responses.map(({ headers }) => headers.get('connection')?.[0])

/** A data plane whose backend answers as soon as it is told to. */
async function waiting(over: { readonly farewellTimeout?: number } = {}) {
  const answers: ((bytes: string) => void)[] = []
  const target = await rawBackend((socket) => answers.push((bytes) => void socket.write(bytes)))
  const fixture = await start({ targets: [target], limits: { checkInterval: 20, ...over } })
  const asking = async (): Promise<RawConnection> => {
    const connection = await openRaw(fixture)
    const { length } = answers
    await connection.send(head('GET', '/'))
    await until(() => answers.length > length)
    return connection
  }
  return { fixture, target, answers, asking }
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

describe('a data plane that drains', () => {
  it('still answers on a connection that was idle, and ends it with the answer', async () => {
    const target = await backend()
    const fixture = await start({ targets: [target] })
    const idle = await openRaw(fixture)
    await idle.send(head('GET', '/'))
    await idle.read(1)
    const closed = fixture.listeners.close(5000)
    await until(() => fixture.listeners.bound().length === 0)
    await idle.send(head('GET', '/'))
    const exchange = await idle.read(3)
    expect(exchange.responses.map(({ status }) => status)).toEqual([200, 200])
    expect(closing(exchange)).toEqual(['keep-alive', 'close'])
    await closed
  })

  it('answers what has arrived while it was too busy to look, though the time to ask was over', async () => {
    const target = await backend()
    const fixture = await start({ targets: [target], limits: { checkInterval: 20, farewellTimeout: 300 } })
    const idle = await openRaw(fixture)
    await idle.send(head('GET', '/'))
    await idle.read(1)
    const closed = fixture.listeners.close(5000)
    await until(() => fixture.listeners.bound().length === 0)
    // The sweep has seen it once; then the request is sent, and nothing else runs until the time is over.
    await pause(50)
    await turn()
    idle.socket.write(head('GET', '/'))
    for (const end = performance.now() + 400; performance.now() < end;);
    const exchange = await idle.read(3)
    expect(exchange.responses.map(({ status }) => status)).toEqual([200, 200])
    await closed
  })

  it('ends a connection with the answer that is on its way when it begins', async () => {
    const { fixture, answers, asking } = await waiting()
    const busy = await asking()
    const closed = fixture.listeners.close(5000)
    await until(() => fixture.listeners.bound().length === 0)
    answers[0]!(ok)
    const exchange = await busy.read(2)
    expect(exchange.responses[0]).toMatchObject({ status: 200, complete: true })
    expect(closing(exchange)).toEqual(['close'])
    await closed
  })

  it('answers once more behind an answer that had promised to keep the connection', async () => {
    const { fixture, answers, asking } = await waiting()
    const busy = await asking()
    answers[0]!('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no')
    await until(() => busy.socket.bytesRead > 0)
    const closed = fixture.listeners.close(5000)
    await until(() => fixture.listeners.bound().length === 0)
    answers[0]!('k')
    await busy.read(1)
    await busy.send(head('GET', '/'))
    await until(() => answers.length === 2)
    answers[1]!(ok)
    expect(closing(await busy.read(3))).toEqual(['keep-alive', 'close'])
    await closed
  })

  it('answers what had been pipelined, and ends the connection behind the last of it', async () => {
    const target = await backend()
    let closed = Promise.resolve()
    const fixture = await start({
      targets: [target],
      around: (raw, admit) => {
        if (raw.target === '/a') closed = fixture.listeners.close(5000)
        return admit()
      },
    })
    const requests = ['/a', '/b', '/c'].map((path) => head('GET', path)).join('')
    const exchange = await sendRaw(fixture, requests)
    expect(closing(exchange)).toEqual(['keep-alive', 'keep-alive', 'close'])
    expect(target.requests.map((request) => request.target)).toEqual(['/a', '/b', '/c'])
    await closed
  })

  it('takes no new connection', async () => {
    const { fixture, asking } = await waiting()
    const busy = await asking()
    const closed = fixture.listeners.close(5000)
    await until(() => fixture.listeners.bound().length === 0)
    await expect(openRaw(fixture)).rejects.toThrow('ECONNREFUSED')
    busy.close()
    await closed
  })

  it('does not wait for connections that ask nothing, or go no further', async () => {
    const { fixture } = await waiting({ farewellTimeout: 100 })
    const silent = await openRaw(fixture)
    const half = await openRaw(fixture)
    await half.send('GET / HTTP/1.1\r\nHost: api')
    await until(() => fixture.listeners.connections()[0]?.count === 2)
    await fixture.listeners.close(60_000)
    for (const connection of [silent, half]) expect((await connection.read(1)).closed).toBe(true)
    expect(fixture.records).toEqual([])
  })

  it('ends everything when its time is over', async () => {
    const { fixture, target, asking } = await waiting()
    const busy = await asking()
    await fixture.listeners.close(50)
    expect((await busy.read(1)).closed).toBe(true)
    await until(() => target.open() === 0)
  })

  it('does not wait longer for a listener that was removed before', async () => {
    const { fixture, target, asking } = await waiting()
    const busy = await asking()
    await fixture.apply({ targets: [target], listeners: [] })
    await fixture.listeners.close(50)
    expect((await busy.read(1)).closed).toBe(true)
  })
})
