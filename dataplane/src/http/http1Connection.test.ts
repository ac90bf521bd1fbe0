import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { connection as facts } from '../gateway/snapshotFixture.ts'
import { Http1Connection } from './http1Connection.ts'
import { Http1Response } from './http1Response.ts'

/** A thing that says what it is told to. */
function telling<T extends object, S extends object>(thing: T, says: S): S {
  for (const name of Object.keys(says) as (keyof S & string)[])
    Object.defineProperty(thing, name, { get: () => says[name] })
  return says
}

function speaking() {
  const socket = new Socket()
  const says = telling(socket, { writableLength: 100, writableEnded: false, writableFinished: false, bytesRead: 7 })
  const connection = new Http1Connection(facts(), { socket, transport: socket }, { draining: false })
  return { connection, says }
}

function serve(connection: Http1Connection) {
  const request = new IncomingMessage(connection.socket)
  const response = new Http1Response(request)
  response.carrier = connection
  connection.serving = { id: 'r', request, response, malformed: () => {} }
  return telling(response, { writableEnded: false, writableFinished: false })
}

const unread = (connection: Http1Connection) => connection.written().map((written) => written.unread)

describe('a connection', () => {
  it('waits to be read when its response is written and has not left', () => {
    const { connection, says } = speaking()
    const response = serve(connection)
    expect(unread(connection)).toEqual([null])
    response.writableEnded = true
    expect(unread(connection)).toEqual([100])
    says.writableLength = 50
    expect(unread(connection)).toEqual([50])
    response.writableFinished = true
    expect(unread(connection)).toEqual([null])
  })

  it('also waits to be read when only its own end has not left', () => {
    const { connection, says } = speaking()
    expect(unread(connection)).toEqual([null])
    says.writableEnded = true
    expect(unread(connection)).toEqual([100])
    says.writableFinished = true
    expect(unread(connection)).toEqual([null])
  })

  it('waits to be asked when it serves nothing', () => {
    const { connection, says } = speaking()
    expect(connection.unasked()).toBe(7)
    says.bytesRead = 8
    expect(connection.unasked()).toBe(8)
    serve(connection)
    expect(connection.unasked()).toBeNull()
  })
})
