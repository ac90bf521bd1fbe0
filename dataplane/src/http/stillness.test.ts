import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { connection as facts } from '../gateway/snapshotFixture.ts'
import { connectionOf, type Connection } from './connection.ts'
import { Stillness, unasked, unread } from './stillness.ts'

/** A connection whose socket says what it is told to. */
function speaking() {
  const socket = new Socket()
  const says = { writableLength: 100, writableEnded: false, writableFinished: false, bytesRead: 7 }
  for (const name of Object.keys(says) as (keyof typeof says)[])
    Object.defineProperty(socket, name, { get: () => says[name] })
  const connection = connectionOf(facts(), { socket, transport: socket }, { draining: false })
  return { connection, says }
}

function serve(connection: Connection) {
  const response = { writableEnded: false, writableFinished: false }
  const unused = { id: 'r', request: {} as IncomingMessage, malformed: () => {} }
  connection.serving = { ...unused, response: response as ServerResponse }
  return response
}

describe('stillness', () => {
  it('lasts as long as nothing moves', () => {
    const stillness = new Stillness()
    const [one, other] = [{}, {}]
    expect(stillness.lasted(one, 5, 1000)).toBe(0)
    expect(stillness.lasted(one, 5, 2500)).toBe(1500)
    expect(stillness.lasted(other, 5, 3000)).toBe(0)
    expect(stillness.lasted(one, 4, 3000)).toBe(0)
    expect(stillness.lasted(one, 4, 3001)).toBe(1)
    expect(stillness.lasted(one, null, 4000)).toBe(0)
    expect(stillness.lasted(one, 4, 5000)).toBe(0)
  })
})

describe('a connection', () => {
  it('waits to be read when its response is written and has not left', () => {
    const { connection, says } = speaking()
    const response = serve(connection)
    expect(unread(connection)).toBeNull()
    response.writableEnded = true
    expect(unread(connection)).toBe(100)
    says.writableLength = 50
    expect(unread(connection)).toBe(50)
    response.writableFinished = true
    expect(unread(connection)).toBeNull()
  })

  it('also waits to be read when only its own end has not left', () => {
    const { connection, says } = speaking()
    expect(unread(connection)).toBeNull()
    says.writableEnded = true
    expect(unread(connection)).toBe(100)
    says.writableFinished = true
    expect(unread(connection)).toBeNull()
  })

  it('waits to be asked when it serves nothing', () => {
    const { connection, says } = speaking()
    expect(unasked(connection)).toBe(7)
    says.bytesRead = 8
    expect(unasked(connection)).toBe(8)
    serve(connection)
    expect(unasked(connection)).toBeNull()
  })
})
