import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { Resource } from '@gatehouse/contract'
import { describe, expect, it, vi } from 'vitest'
import { gateway, permitted } from '../gateway/callerFixture.ts'
import { request, route, rule, testClock } from '../gateway/snapshotFixture.ts'
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
import { forward } from './forward.ts'

const settings = { errorPercent: 50, minRequests: 1, window: 10_000, openFor: 5_000, slowCall: null }
const action = { ...rule().action, breaker: settings } as ReturnType<typeof rule>['action']
const endpoints: Resource = {
  kind: 'endpoints',
  name: 'shop/orders:80',
  spec: { addresses: [{ address: '127.0.0.1', port: 1, zones: [], draining: false }] },
}

describe('a request whose headers cannot be written', () => {
  it('begins no call, which nobody would end', async () => {
    const built = gateway(endpoints, route({ rules: [rule({ action })] }))
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
    const enter = vi.spyOn(breakers, 'enter')
    const permit = await permitted(built, request())
    const broken = {
      ...built.gateway,
      installation: Object.defineProperty({ ...built.gateway.installation }, 'identityHeaders', {
        get: () => {
          throw new Error('planted')
        },
      }),
    }
    const turns = createTurns(() => clock.monotonic())
    const [retries, places, kept] = [createRetryBudgets(), createPlaces(), createBodyBudget({ all: 0, namespace: 0 })]
    const message = new IncomingMessage(new Socket())
    const client: ClientSide = {
      ...{ request: message, response: new Http1Response(message) },
      ...{ arrived: 0, goOn: () => {}, failed: () => {} },
    }
    const departing = () =>
      forward(
        { permit, gateway: broken, client, body: null },
        {
          ...{ pools, balancers, breakers, retries, places, loads, bodies, turns, kept, clock, random: () => 0 },
          ...{ alarms: new Alarms(), buffers: { came: () => {} } },
          mirroring: { pools, mirrors: createMirrors() },
        },
      )
    expect(departing).toThrow('planted')
    expect(enter).not.toHaveBeenCalled()
    expect(loads.of('shop').requests).toBe(0)
    breakers.close()
    await pools.close()
  })
})
