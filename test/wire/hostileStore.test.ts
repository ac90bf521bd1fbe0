import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../dataplane/src/clock.ts'
import { meterOf } from '../../dataplane/src/policy/meter.ts'
import { createStores } from '../../dataplane/src/state/store/stores.ts'
import { changes } from '../support/changes.ts'
import { startScriptedStore } from '../support/scriptedStore.ts'
import { numbers, storeLies } from '../support/storeLies.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const meter = meterOf('TokenBucket', { limit: 10, burst: 10, window: 1000 })
const asked = [{ key: 'k', meter, cost: 1, most: 5 }]

/** A store that is sound while it is connected to, and says this to everything else. */
async function storeSaying(answer: string, password: string | null = null) {
  const server = await startScriptedStore((words) => {
    if (words[0] === 'AUTH') return '+OK\r\n'
    return words[0] === 'EVAL' && words[1]!.includes("return 'ok'") ? '$2\r\nok\r\n' : answer
  })
  cleanups.push(() => server.close())
  const states = changes<unknown>()
  const stores = createStores({ clock: systemClock, random: () => 0 }, (fault) => states.add(fault))
  cleanups.push(() => stores.close())
  const settings = {
    store: {
      installation: 'gatehouse-system/edge',
      topology: { type: 'Single' as const, server: { host: '127.0.0.1', port: server.port } },
      tls: null,
      login: password === null ? null : { username: null, password },
    },
    outbound: { podCIDRs: [], allowLoopback: true, deniedAddresses: [] },
  }
  const store = stores.acquire('one', settings).value
  await states.at(0)
  return { store, server }
}

describe.each(Object.entries(storeLies(meter.limit)))('a store that %s', (_name, answer) => {
  it('is not believed', async () => {
    const { store } = await storeSaying(answer)
    expect(typeof (await store.count('ask', asked, 'shop'))).toBe('string')
    if (answer === ':1\r\n') return
    expect(['unknown', 'seen']).toContain(
      await store.mark({ principal: 'p', id: 'j', until: systemClock.now() + 1000 }, systemClock.now(), 'shop'),
    )
  })
})

describe('what a store is told', () => {
  it('is a password before everything else, where it has one, and never a key in clear that is long', async () => {
    const { store, server } = await storeSaying(numbers(1, 1, 0, 9, 0), 'secret')
    expect(server.commands[0]).toEqual(['AUTH', 'secret'])
    const value = 'x'.repeat(1000)
    await store.count('ask', [{ ...asked[0]!, key: store.keys.count('counter', value) }], 'shop')
    expect(JSON.stringify(server.commands)).not.toContain(value)
  })
})
