import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { connection as facts } from '../gateway/snapshotFixture.ts'
import { connectionOf } from './connection.ts'
import { UnreadResponses } from './unreadResponses.ts'

interface Written {
  writableEnded: boolean
  writableFinished: boolean
}

/** A connection whose socket and response say what they are told to. */
function speaking() {
  const socket = Object.assign(new Socket(), {})
  const said = { pending: 100, socket: { writableEnded: false, writableFinished: false } }
  Object.defineProperties(socket, {
    writableLength: { get: () => said.pending },
    writableEnded: { get: () => said.socket.writableEnded },
    writableFinished: { get: () => said.socket.writableFinished },
  })
  const connection = connectionOf(facts(), { socket, transport: socket }, { draining: false })
  const serve = (): Written => {
    const response = { writableEnded: false, writableFinished: false }
    connection.serving = {
      id: 'r',
      request: {} as IncomingMessage,
      response: response as ServerResponse,
      malformed: () => {},
    }
    return response
  }
  return { connection, said, serve }
}

describe('a connection is stuck', () => {
  it('when nothing of an ended response has left for as long as a client may take', () => {
    const { connection, serve } = speaking()
    const unread = new UnreadResponses(1000)
    const response = serve()
    expect(unread.isStuck(connection, 0)).toBe(false)
    expect(unread.isStuck(connection, 5000)).toBe(false)
    response.writableEnded = true
    expect(unread.isStuck(connection, 6000)).toBe(false)
    expect(unread.isStuck(connection, 6999)).toBe(false)
    expect(unread.isStuck(connection, 7000)).toBe(true)
  })

  it('not as long as bytes leave, nor when all have', () => {
    const { connection, said, serve } = speaking()
    const unread = new UnreadResponses(1000)
    const response = serve()
    response.writableEnded = true
    for (let now = 0; now < 10_000; now += 900, said.pending--) expect(unread.isStuck(connection, now)).toBe(false)
    response.writableFinished = true
    expect(unread.isStuck(connection, 20_000)).toBe(false)
    const next = serve()
    next.writableEnded = true
    expect(unread.isStuck(connection, 30_000)).toBe(false)
  })

  it('also when only the end of the connection itself does not leave', () => {
    const { connection, said } = speaking()
    const unread = new UnreadResponses(1000)
    expect(unread.isStuck(connection, 0)).toBe(false)
    expect(unread.isStuck(connection, 1000)).toBe(false)
    said.socket.writableEnded = true
    expect(unread.isStuck(connection, 1000)).toBe(false)
    expect(unread.isStuck(connection, 2000)).toBe(true)
  })
})
