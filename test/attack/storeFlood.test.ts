import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { seal, type SealedResource, type StoreFault } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { connectToLeader } from '../../dataplane/src/state/store/leader.ts'
import { StoreLink } from '../../dataplane/src/state/store/link.ts'
import { changes } from '../support/changes.ts'
import { storeResource } from '../support/countingFleet.ts'
import { startCountingStore } from '../support/countingStore.ts'
import { startFloodingStore } from '../support/floodingStore.ts'
import { installationResource, listenerResource } from '../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { waitUntil } from '../support/waitUntil.ts'
import { attackedEntry } from './attackedEntry.ts'

/** What is said first, and what then without end. */
const floods: Readonly<Record<string, readonly [string, string]>> = {
  'a text of two gigabytes': ['$2000000000\r\n', 'a'],
  'a line without an end': ['+', 'a'],
  'an error without an end': ['-ERR ', 'a'],
  'a list of two thousand million': ['*2000000000\r\n', ':1\r\n'],
  'lists in lists': ['', '*1\r\n'],
  'answers that nobody asked for': ['', ':1\r\n'],
  'what is no answer': ['HTTP/1.1 200 OK\r\n\r\n', 'a'],
}

/** Bytes that may be on their way in sockets when the gateway hangs up. */
const onTheirWay = 16 * 1024 * 1024

const resources = (port: number): SealedResource[] =>
  [
    installationResource(),
    listenerResource(),
    storeResource({ type: 'Single', server: { host: '127.0.0.1', port } }),
  ].map(seal)

describe('attack: a store that says what nobody asked for', () => {
  let plane: ServedDataplane
  beforeAll(async () => {
    plane = await startServedDataplane(resources(1), attackedEntry)
  })
  afterAll(() => plane.close())

  const said = (): number => plane.process.lines.all.filter(({ code }) => code === 'malformed').length

  it.each(Object.entries(floods))('%s fills no memory, also while nobody asks', async (_name, [head, piece]) => {
    const store = await startFloodingStore(head, piece)
    onTestFinished(() => store.close())
    const before = said()
    await plane.controller.publish(resources(store.port))
    expect(await store.taken).toBeLessThan(onTheirWay)
    await waitUntil(() => said() > before, 'the log says that what the store says is malformed')
  })
})

it('attack: a node of a Cluster that hangs up on everybody keeps nobody from the others', async () => {
  const bad = createServer((socket) => socket.once('data', () => socket.destroy())).listen(0, '127.0.0.1')
  onTestFinished(() => void bad.close())
  await once(bad, 'listening')
  const good = await startCountingStore()
  onTestFinished(() => good.close())
  const host = '127.0.0.1'
  const nodes = [(bad.address() as AddressInfo).port, good.port].map((port) => ({ host, port }))
  const states = changes<StoreFault | null>()
  const rules = { denied: [], pods: null, allowLoopback: true }
  const site = { tls: null, rules, resolve: () => Promise.resolve([host]) }
  const search = { topology: { type: 'Cluster' as const, nodes }, site, login: null, probeKey: 'probe', timeout: 500 }
  const link = new StoreLink({
    open: (lost) => connectToLeader(search, lost),
    deadline: 1000,
    random: () => 0,
    failed: () => {},
    changed: (fault) => states.add(fault),
  })
  onTestFinished(() => link.close())
  expect(await states.at(0)).toBeNull()
})
