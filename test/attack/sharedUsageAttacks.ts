import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { request } from './attack.ts'
import { startSharedShop, toldHost, usagePath, type SharedShop, type Told } from './sharedShop.ts'

/** A store that can be stopped. */
interface Stoppable {
  readonly port: number
  freeze(): void
  thaw(): void
  close(): Promise<void>
}

/** Units of both quotas that are told; of one that is leased a data plane takes half. */
const limit = 10
const lease = 5

/** Attacks on what callers are told of quotas that all data planes count together. */
export function usageAttacks(name: string, startStore: () => Promise<Stoppable>): void {
  describe(`attack: ${name}`, () => {
    const cleanups: (() => Promise<void>)[] = []
    let store: Stoppable
    let shop: SharedShop
    beforeAll(async () => {
      store = await startStore()
      cleanups.push(() => store.close())
      shop = await startSharedShop(store.port)
      cleanups.push(() => shop.close())
    })
    afterAll(async () => {
      for (const clean of cleanups.reverse()) await clean()
    })

    const question = request(usagePath, { host: toldHost })
    const readingOf = ({ status, body }: Told): Record<string, number | null> | null => {
      if (status !== 200) return null
      const { quotas } = JSON.parse(body) as { quotas: { name: string; remaining: number | null }[] }
      return Object.fromEntries(quotas.map((one) => [one.name, one.remaining]))
    }
    /** Asks both data planes, until they are let answer and the store was in time. */
    async function expectBoth(wanted: Record<string, number | null>): Promise<void> {
      for (const plane of [0, 1])
        await expect.poll(async () => readingOf(await shop.ask(question, plane)), { timeout: 15_000 }).toEqual(wanted)
    }
    /** Also what comes too late is charged. */
    const call = (path: string, plane: number): Promise<Told> => shop.ask(request(path, { host: toldHost }), plane)

    it('says the same at each data plane, whichever of them was asked', async () => {
      await expectBoth({ exact: limit, leased: limit })
      for (const plane of [0, 0, 1]) await call('/told-exact', plane)
      await expectBoth({ exact: limit - 3, leased: limit })
      const before = shop.backend.requests.length
      const told = await shop.ask(question)
      expect([told.header('cache-control'), shop.backend.requests.length]).toEqual(['no-store', before])
    })

    it('counts as used what a data plane has leased', async () => {
      await call('/told-leased', 0)
      await expectBoth({ exact: limit - 3, leased: limit - lease })
      await call('/told-leased', 1)
      await expectBoth({ exact: limit - 3, leased: 0 })
      // Of what is used up by the store's count, each data plane still gives out what it has taken.
      expect((await call('/told-leased', 0)).status).toBe(200)
      await expectBoth({ exact: limit - 3, leased: 0 })
    })

    it('costs nothing, also of what is used up, and is limited itself', async () => {
      const told = await shop.send(Array.from({ length: 40 }, () => question))
      const limited = told.filter(({ status }) => status === 429)
      expect(limited.length).toBeGreaterThan(20)
      expect(limited.map(({ code }) => code)).toEqual(limited.map(() => 'quota-exceeded'))
      expect(limited[0]?.header('retry-after')).toBe('1')
      await expectBoth({ exact: limit - 3, leased: 0 })
    })

    it('says that nobody knows while the store does not answer, and knows again when it does', async () => {
      store.freeze()
      await expectBoth({ exact: null, leased: null })
      store.thaw()
      await expectBoth({ exact: limit - 3, leased: 0 })
    })
  })
}
