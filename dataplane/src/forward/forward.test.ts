import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Resource } from '@gatehouse/contract'
import { expect, it, onTestFinished, vi } from 'vitest'
import { gateway, permitted } from '../gateway/callerFixture.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { forwardTo, request, route, rule, testClock } from '../gateway/snapshotFixture.ts'
import { createBodyBudget } from '../state/bodyBudget.ts'
import { createBodyWorkers } from '../state/bodyWorkers.ts'
import { Balancers } from '../state/balancing/balancers.ts'
import { Breakers } from '../state/breakers.ts'
import { createMirrors } from '../state/mirrors.ts'
import { createTurns } from '../state/turns.ts'
import { NamespaceLoads } from '../state/namespaceLoads.ts'
import { Pools } from '../state/pools.ts'
import { createPlaces } from '../state/places.ts'
import { createRetryBudgets } from '../state/retryBudgets.ts'
import { Http1Response } from '../http/http1Response.ts'
import type { ClientSide } from './clientSide.ts'
import { Alarms } from './alarms.ts'
import { Exchange } from './exchange.ts'
import { forward } from './forward.ts'

const settings = { errorPercent: 50, minRequests: 1, window: 10_000, openFor: 5_000, slowCall: null }
const parallel = { max: 1, pending: 0 }
const endpoints: Resource = {
  kind: 'endpoints',
  name: 'shop/orders:80',
  spec: { addresses: [{ address: '127.0.0.1', port: 1, zones: [], draining: false }] },
}

/** A permitted request to a backend that nobody reaches, and what forwarding it takes. */
async function departing() {
  const action = forwardTo('shop/orders:80', { breaker: settings, parallel })
  const built = gateway(endpoints, route({ rules: [rule({ action })] }))
  const permit = await permitted(built, request())
  const clock = testClock()
  const loads = new NamespaceLoads()
  loads.adopt(1)
  const pools = new Pools({ permits: () => true, clock, random: () => 0, zone: null, loads })
  const breakers = new Breakers(clock)
  const balancers = new Balancers({ clock, random: () => 0, pools, changed: () => {} })
  const bodies = {
    budget: createBodyBudget({ all: 0, namespace: 0 }),
    workers: createBodyWorkers({ entry: new URL('file:///none') }),
  }
  const turns = createTurns(() => clock.monotonic())
  const [retries, places, kept] = [createRetryBudgets(), createPlaces(), createBodyBudget({ all: 0, namespace: 0 })]
  const alarms = new Alarms()
  const message = new IncomingMessage(new Socket())
  const client: ClientSide = {
    ...{ request: message, response: new Http1Response(message) },
    ...{ arrived: 0, goOn: () => {}, failed: () => {} },
  }
  const enter = vi.spyOn(breakers, 'enter')
  const taken = vi.spyOn(alarms, 'take')
  const given = vi.spyOn(alarms, 'give')
  const depart = (through: Gateway) =>
    forward(
      { permit, gateway: through, client, body: null },
      {
        ...{ pools, balancers, breakers, retries, places, loads, bodies, turns, kept, clock, random: () => 0 },
        ...{ alarms, buffers: { came: () => {} } },
        mirroring: { pools, mirrors: createMirrors() },
      },
    )
  onTestFinished(async () => {
    breakers.close()
    await pools.close()
  })
  return { sound: built.gateway, depart, enter, taken, given, load: loads.of('shop') }
}

const planted = (): never => {
  throw new Error('planted')
}

it('begins no call, which nobody would end, for a request whose headers cannot be written', async () => {
  const { sound, depart, enter, taken, load } = await departing()
  const installation = Object.defineProperty({ ...sound.installation }, 'identityHeaders', { get: planted })
  expect(() => depart({ ...sound, installation })).toThrow('planted')
  expect(enter).not.toHaveBeenCalled()
  expect(taken).not.toHaveBeenCalled()
  expect(load.requests).toBe(0)
})

it('gives back all that a request has taken that cannot be handed over', async () => {
  const { sound, depart, enter, taken, given, load } = await departing()
  const body = vi.spyOn(Exchange.prototype, 'body').mockImplementation(planted)
  onTestFinished(() => body.mockRestore())
  // Of one place each needs what the one before has given back.
  for (let request = 1; request <= 2; request++) {
    expect(() => depart(sound)).toThrow('planted')
    expect(enter).toHaveBeenCalledTimes(request)
    expect([taken.mock.calls.length, given.mock.calls.length]).toEqual([request, request])
    expect(load.requests).toBe(0)
  }
})
