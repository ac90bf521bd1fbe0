import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startCountingStore, type CountingStore } from '../support/countingStore.ts'
import { headers } from '../support/http2Frames.ts'
import { openHttp2 } from '../support/rawHttp2.ts'
import { numbers, storeLies } from '../support/storeLies.ts'
import { request } from './attack.ts'
import { fieldsOf } from './http2Attack.ts'
import { startSharedShop, type SharedShop } from './sharedShop.ts'

const lies: Readonly<Record<string, string>> = {
  ...storeLies(1000),
  fails: '-ERR no\r\n',
  'takes no writes': '-READONLY no\r\n',
  'is full': '-OOM no\r\n',
  'does not know whom it speaks to': '-NOAUTH no\r\n',
  'speaks another protocol': 'HTTP/1.1 200 OK\r\n\r\n',
}
/** What it says of a token that counts once and was not used yet. */
const first = ':1\r\n'

const never = (): Promise<string> => new Promise(() => {})

describe('attack: a store that cannot be believed', () => {
  const cleanups: (() => Promise<void>)[] = []
  let store: CountingStore
  let shop: SharedShop
  beforeAll(async () => {
    store = await startCountingStore()
    cleanups.push(() => store.close())
    shop = await startSharedShop(store.port)
    cleanups.push(() => shop.close())
  })
  afterAll(async () => {
    for (const clean of cleanups.reverse()) await clean()
  })

  /** Both data planes know of a store that tells the truth. */
  async function sound(): Promise<void> {
    store.say(null)
    for (const plane of [0, 1])
      await expect.poll(async () => (await shop.ask(request('/deny'), plane)).status, { timeout: 10_000 }).toBe(200)
  }
  beforeEach(sound)

  /** Both data planes know that nobody answers. */
  async function silent(): Promise<void> {
    store.say(never)
    for (const plane of [0, 1])
      for (let call = 0; call < 6; call++) expect((await shop.ask(request('/deny'), plane)).status).toBe(503)
  }

  /** Refused by a quota whose author chose so, and not one byte of it at the backend. */
  async function refused(text: string, path: string): Promise<void> {
    const before = shop.seen(path)
    const told = await shop.ask(text)
    expect([told.status, told.code, told.header('retry-after')]).toEqual([503, 'quota-unavailable', '1'])
    expect(shop.seen(path)).toBe(before)
  }

  it.each(Object.entries(lies))('one that %s opens no quota, and no token twice', async (_name, lie) => {
    store.say(() => lie)
    const asked = store.commands.length
    await refused(request('/deny'), '/deny')
    expect(store.commands.length).toBeGreaterThan(asked)
    if (lie === first) return
    await sound()
    store.say(() => lie)
    const before = shop.seen('/once')
    const told = await shop.ask(await shop.signed('/once', { jti: lie }))
    expect([told.status, told.code]).toEqual([503, 'replays-full'])
    expect(shop.seen('/once')).toBe(before)
  })

  it('is logged by the policy and the quota that would not do without it', async () => {
    store.say(never)
    const told = await shop.ask(request('/differ'))
    const id = told.header('x-request-id')
    const line = await shop.planes[0]!.process.lines.first((one) => one['requestId'] === id)
    expect(line).toMatchObject({
      code: 'quota-unavailable',
      check: 'request-quota',
      policy: 'shop/differ',
      item: 'deny',
    })
  })

  it('a flood that the store has no time for opens only what its author left open', async () => {
    store.say(never)
    const raw = await openHttp2(await shop.target())
    try {
      const ids = Array.from({ length: 90 }, (_, index) => 2 * index + 1)
      const paths = ['/deny', '/differ', '/owing'] as const
      const before = shop.backend.requests.length
      await raw.send(...ids.map((id, index) => headers(id, fieldsOf({ path: paths[index % paths.length]! }))))
      const streams = await Promise.all(ids.map((id) => raw.over(id)))
      expect(streams.map(({ status }) => status)).toEqual(ids.map(() => 503))
      expect(shop.backend.requests.length).toBe(before)
    } finally {
      raw.close()
    }
    for (const path of ['/deny', '/differ', '/owing']) await refused(request(path), path)
    expect((await shop.ask(request('/allow'))).status).toBe(200)
  })

  it('that is gone leaves to each data plane its part and no more, and what costs nothing passes', async () => {
    await silent()
    const statuses: number[] = []
    for (const plane of [0, 1])
      for (const { status } of await shop.send(
        Array.from({ length: 5 }, () => request('/fallback')),
        plane,
      ))
        statuses.push(status)
    expect(statuses).toEqual([200, 200, 429, 429, 429, 200, 200, 429, 429, 429])
    expect(shop.seen('/fallback')).toBe(4)
    expect((await shop.ask(request('/free'))).status).toBe(200)
  })

  it('an answer that comes too late counts for no other request', async () => {
    const refusing = numbers(0, 0, 5_000_000, 0, 5_000_000)
    let late: ((text: string) => void) | null = null
    store.say((truth) => {
      if (late === null) return new Promise((resolve) => (late = () => resolve(truth)))
      late(truth)
      return refusing
    })
    await refused(request('/deny?first'), '/deny?first')
    // The first answer lets pass, and comes just before that of the second, which does not.
    const told = await shop.ask(request('/deny?second'))
    expect([429, 503]).toContain(told.status)
    expect(shop.seen('/deny?second')).toBe(0)
  })

  it('what is leased ends with its window', async () => {
    let asked = 0
    const window = 200_000
    const status = async (): Promise<number> => (await shop.ask(request('/expiring'))).status
    store.say(() => numbers(1, 500, 0, 500, window))
    await expect.poll(status, { timeout: 5000 }).toBe(200)
    store.say(() => {
      asked++
      return numbers(0, 0, window, 0, window)
    })
    // All the requests until then would still fit into what was leased.
    await expect.poll(status, { timeout: 5000 }).toBe(429)
    expect(asked).toBeGreaterThan(0)
  })

  it('that nobody has named refuses what counts in one, and nothing passes that would have been counted', async () => {
    await shop.tell(null)
    for (const path of ['/deny', '/allow', '/fallback', '/owing']) {
      const before = shop.seen(path)
      const told = await shop.ask(request(path))
      expect([told.status, told.code]).toEqual([500, 'config-invalid'])
      expect(shop.seen(path)).toBe(before)
    }
    const told = await shop.ask(await shop.signed('/once', { jti: 'nowhere' }))
    expect([told.status, told.code]).toEqual([503, 'replays-full'])
    await shop.tell(store.port)
  })
})
