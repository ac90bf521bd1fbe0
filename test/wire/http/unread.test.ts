import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { startBackend } from '../../support/backend.ts'
import { listenerResource } from '../../support/resources.ts'
import type { Fixture } from './fixture.ts'
import { head, until } from './keeper.ts'
import { certificate, listener, tlsKeeper } from './tlsFixture.ts'

const { keep, open, start, identities } = tlsKeeper()

const limits = { unreadTimeout: 200, checkInterval: 20 }

/** A data plane whose backend answers with as much as its side of a connection holds without back-pressure. */
async function answering(secure: boolean): Promise<Fixture> {
  const target = await keep(startBackend((_request, response) => void response.end(Buffer.alloc(48 * 1024))))
  const listeners = secure ? [listener('api', null, {}), certificate('shop/api', identities.api)] : [listenerResource()]
  return (await start(listeners, { targets: [target], limits })).fixture
}

async function opened(fixture: Fixture, secure: boolean): Promise<Socket> {
  const socket = secure ? await open(fixture) : connect(fixture.port, fixture.address)
  await keep({ close: async () => void socket.destroy() })
  await once(socket, secure ? 'secureConnect' : 'connect')
  return socket.on('error', () => {})
}

describe.each([
  ['HTTP', false],
  ['HTTPS', true],
])('an answer over %s that is complete', (_protocol, secure) => {
  it('does not keep the connection of a client that never reads', async () => {
    const fixture = await answering(secure)
    const socket = await opened(fixture, secure)
    const isOpen = (): boolean => fixture.listeners.connections()[0]?.count === 1
    // In the end all buffers are full, and an answer does not leave any more.
    for (let sent = 0; isOpen(); sent++) {
      socket.write(head('GET', '/'))
      await until(() => fixture.records.length > sent || !isOpen())
    }
    expect((await fixture.recorded(1)).at(-1)).toMatchObject({ status: 200, code: null, completed: false })
  })
})
