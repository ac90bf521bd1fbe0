import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { build, installation, listener, policy, testClock, upstream } from '../gateway/snapshotFixture.ts'
import { createGatewayState } from './gatewayState.ts'
import { NamespaceLoads } from './namespaceLoads.ts'
import { Pools, type PooledAddress } from './pools.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Answers each request, and has its connections kept. */
async function clinging() {
  const server = createServer((socket) => {
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=600\r\nContent-Length: 0\r\n\r\n'))
  })
  servers.push(server.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  const { address, port } = server.address() as AddressInfo
  return { address, port, zones: [], draining: false }
}

const asked = ({ pool }: PooledAddress): Promise<void> =>
  new Promise((resolve, reject) => {
    pool.dispatch(
      { method: 'GET', path: '/', headers: ['host', 'orders.shop'], body: null, reset: false },
      {
        ...{ onRequestStart: () => {}, onBodySent: () => {}, onRequestSent: () => {} },
        ...{ onResponseStart: () => {}, onResponseData: () => {} },
        onResponseEnd: () => resolve(),
        onResponseError: (_control, error) => reject(error),
      },
    )
  })

async function pooled(bound: number) {
  const clock = testClock()
  const state = createGatewayState({ clock, random: () => 0 })
  const loads = new NamespaceLoads()
  loads.adopt(bound)
  const pools = new Pools({ permits: () => true, clock, random: () => 0, zone: null, loads })
  const name = 'shop/orders:80'
  const endpoints = { kind: 'endpoints' as const, name, spec: { addresses: [await clinging(), await clinging()] } }
  const built = build([installation(), listener(), upstream(name), endpoints, policy()], { state, clock })
  return { pools, clock, load: loads.of('shop'), to: pools.upstream(built.gateway, name, 0)! }
}

describe('the sweep of connections', () => {
  it('closes those that have been idle for a minute', async () => {
    const { pools, clock, load, to } = await pooled(10)
    await asked(to.at(0))
    pools.sweep()
    expect(load.connections).toBe(1)
    clock.advance(60_000)
    pools.sweep()
    await expect.poll(() => load.connections).toBe(0)
    await pools.close()
  })

  it('closes idle ones at once where their namespace can have no more, and no others', async () => {
    const { pools, load, to } = await pooled(1)
    await asked(to.at(0))
    await asked(to.at(1))
    expect(load.crowded).toBe(true)
    to.at(1).inFlight++
    pools.sweep()
    await expect.poll(() => load.connections).toBe(1)
    expect(to.at(1).pool.closed).toBe(false)
    await pools.close()
  })
})
