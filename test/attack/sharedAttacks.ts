import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Responder } from '../support/backend.ts'
import { echo } from '../support/backend.ts'
import { headers } from '../support/http2Frames.ts'
import { openRaw, type RawConnection } from '../support/raw.ts'
import { openHttp2 } from '../support/rawHttp2.ts'
import { waitUntil } from '../support/waitUntil.ts'
import { request } from './attack.ts'
import { fieldsOf } from './http2Attack.ts'
import { expectLimit, startSharedShop, type SharedShop, type Told } from './sharedShop.ts'

/** A store under attack. */
interface Attacked {
  readonly port: number
  close(): Promise<void>
}

const repeated = (count: number, text: string): readonly string[] => Array.from({ length: count }, () => text)
const device = (path: string, name: string): string => request(path, { headers: [`X-Device: ${name}`] })
const statusesOf = (told: readonly { readonly status: number }[]): number[] => told.map(({ status }) => status)

/** Attacks on limits that all data planes count together, by raw socket. */
export function limitAttacks(name: string, startStore: () => Promise<Attacked>): void {
  describe(`attack: ${name}`, () => {
    let shop: SharedShop
    const cleanups: (() => Promise<void>)[] = []
    beforeAll(async () => {
      const store = await startStore()
      cleanups.push(() => store.close())
      shop = await startSharedShop(store.port)
      cleanups.push(() => shop.close())
    })
    afterAll(async () => {
      for (const clean of cleanups.reverse()) await clean()
    })

    /** What of so many of one kind passes, and that the backend has seen no other. */
    async function limited(texts: readonly string[], path: string, limit: number): Promise<void> {
      const before = shop.seen(path)
      const passed = expectLimit(statusesOf(await shop.send(texts)), limit)
      expect(shop.seen(path) - before).toBe(passed)
    }

    /** Asks until an answer has this code: a call that came too late says nothing. @returns that answer */
    async function until(code: string, text: string): Promise<Told> {
      const answers: Told[] = []
      const ask = async (): Promise<string | undefined> => {
        answers.push(await shop.ask(text))
        return answers.at(-1)?.code
      }
      await expect.poll(ask, { timeout: 5000 }).toBe(code)
      return answers.at(-1)!
    }

    const untilRefused = (text: string): Promise<Told> => until('quota-exceeded', text)

    it('pipelined in one packet, each is counted', async () => {
      await limited(repeated(12, request('/pipelined')), '/pipelined', 3)
    })

    it('says how long to wait, of what, and in the log whose quota it was', async () => {
      await limited(repeated(4, request('/headers')), '/headers', 3)
      const told = await untilRefused(request('/headers'))
      expect(Number(told.header('retry-after'))).toBeGreaterThan(600)
      expect(Number(told.header('retry-after'))).toBeLessThanOrEqual(3600)
      expect(told.header('ratelimit')).toMatch(/^"together";r=0;t=\d+$/)
      expect(told.header('ratelimit-policy')).toBe('"together";q=3;w=3600')
      const id = told.header('x-request-id')
      const line = await shop.planes[0]!.process.lines.first((one) => one['requestId'] === id)
      expect(line).toMatchObject({ log: 'security', check: 'request-quota', policy: 'shop/headers', quota: 'together' })
    })

    it('on streams of HTTP/2 at the same time', async () => {
      const raw = await openHttp2(await shop.target())
      try {
        const ids = Array.from({ length: 12 }, (_, index) => 2 * index + 1)
        await raw.send(...ids.map((id) => headers(id, fieldsOf({ path: '/streams' }))))
        const streams = await Promise.all(ids.map((id) => raw.over(id)))
        const statuses = streams.map(({ status }) => status)
        expect(shop.seen('/streams')).toBe(expectLimit(statuses, 3))
      } finally {
        raw.close()
      }
    })

    it('another spelling of the path, the host, the method or the address', async () => {
      await limited(repeated(4, request('/spelled')), '/spelled', 3)
      const others = [
        request('/%73pelled'),
        request('/spelled/x?device=2'),
        request('/spelled', { host: 'API.shop.example:80' }),
        request('http://api.shop.example/spelled'),
        request('/spelled', { method: 'POST', body: 'x' }),
        request('/spelled', { headers: ['X-Forwarded-For: 198.51.100.7', 'Forwarded: for=198.51.100.7'] }),
      ]
      await untilRefused(request('/spelled'))
      const before = shop.backend.requests.length
      for (const text of others) expect([429, 503]).toContain((await shop.ask(text)).status)
      expect(shop.backend.requests.length).toBe(before)
    })

    it('at two data planes at once', async () => {
      const both = await Promise.all([0, 1].map((plane) => shop.send(repeated(8, request('/planes')), plane)))
      expect(shop.seen('/planes')).toBe(expectLimit(statusesOf(both.flat()), 5))
    })

    it('by several routes under one policy (M16)', async () => {
      const too = request('/routed', { host: 'too.shop.example' })
      await limited([request('/routed'), too, request('/routed'), too, request('/routed'), too], '/routed', 3)
    })

    it('by clients that are gone before they are answered', async () => {
      for (let client = 0; client < 12; client++) {
        const connection = await openRaw(await shop.target())
        await connection.send(request('/aborted'))
        connection.socket.resetAndDestroy()
      }
      await untilRefused(request('/aborted'))
      expect(shop.seen('/aborted')).toBeLessThanOrEqual(3)
    })

    it('by bodies that never end', async () => {
      const text = request('/endless', { method: 'POST', headers: ['Content-Length: 64'] })
      const connections: RawConnection[] = []
      const refused = async (): Promise<number> => {
        const answers = await Promise.all(connections.map((connection) => connection.read(0)))
        return answers.filter(({ responses }) => responses.length > 0).length
      }
      while (connections.length < 8) {
        const connection = await openRaw(await shop.target())
        connections.push(connection)
        await connection.send(`${text}begun`)
        const decided = async () => shop.seen('/endless') + (await refused()) === connections.length
        await waitUntil(decided, 'each is forwarded or refused before its body has come')
      }
      expect(shop.seen('/endless')).toBeLessThanOrEqual(3)
      expect(await refused()).toBeGreaterThanOrEqual(5)
      for (const connection of connections) connection.close()
    })

    it('of a wide level and a narrow one each is charged or none (M8)', async () => {
      const first = statusesOf(await shop.send(repeated(9, device('/levels', 'a'))))
      const second = statusesOf(await shop.send(repeated(9, device('/levels', 'b'))))
      expectLimit(first, 3)
      expect(second.filter((status) => status === 200).length).toBeLessThanOrEqual(3)
      expect(shop.seen('/levels')).toBe(expectLimit([...first, ...second], 5))
    })

    it('what a data plane has counted is given back once when the store refuses, and never when it does not', async () => {
      const statuses: number[] = []
      for (const name of ['a', 'b', 'c'])
        statuses.push(...statusesOf(await shop.send(repeated(6, device('/given-back', name)))))
      expect(shop.seen('/given-back')).toBe(expectLimit(statuses, 5))
    })

    it('what a data plane refuses', async () => {
      await limited(repeated(4, request('/here-first')), '/here-first', 2)
    })

    it('leased to two data planes, which give out what they have taken and no more', async () => {
      const asked = [0, 1, 0, 1].map((plane) => shop.send(repeated(8, request('/leased')), plane))
      const passed = expectLimit(statusesOf((await Promise.all(asked)).flat()), 10, 5)
      expect(shop.seen('/leased')).toBe(passed)
    })

    it('what is leased is given back when another quota refuses, and never when none does', async () => {
      const statuses: number[] = []
      for (const name of ['a', 'b', 'c', 'd'])
        for (let time = 0; time < 6; time++) statuses.push((await shop.ask(device('/leased-back', name))).status)
      expect(shop.seen('/leased-back')).toBe(expectLimit(statuses, 6, 3))
    })

    it('what an answer weighs is charged, goes no further, and is never leased', async () => {
      const weighing: Responder = (asked, response) => {
        response.setHeader('X-Cost', '150')
        echo(asked, response)
      }
      shop.backend.respond(weighing)
      // What passes is no problem document.
      expect((await until('', request('/weighed'))).header('x-cost')).toBeUndefined()
      await untilRefused(request('/weighed'))
      expect(shop.seen('/weighed')).toBe(1)
      shop.backend.respond(echo)
    })

    it('a claim that looks like the beginning of the next one is nobody else (M16)', async () => {
      const mine = await shop.signed('/claims', { a: 'asb', b: 'c' })
      const theirs = await shop.signed('/claims', { a: 'a', b: 'bsc' })
      await untilRefused(mine)
      expect((await until('', theirs)).status).toBe(200)
    })

    it('a principal whose name holds that of another is nobody else (M16)', async () => {
      await untilRefused(await shop.signed('/principals', { sub: 'bob' }))
      for (const sub of ['bob"]', 'bob","x', 'Bob', 'bob ', '3:bob'])
        expect((await until('', await shop.signed('/principals', { sub }))).status).toBe(200)
    })

    it('a token that counts once, at two data planes in the same moment', async () => {
      for (const jti of ['a', 'b', 'c', 'd', 'e']) {
        const text = await shop.signed('/once', { jti })
        const before = shop.seen('/once')
        const both = (await Promise.all([0, 1].map((plane) => shop.send([text, text, text], plane)))).flat()
        const passed = both.filter(({ status }) => status === 200).length
        expect(passed).toBeLessThanOrEqual(1)
        expect(shop.seen('/once') - before).toBe(passed)
        for (const { status } of both) expect([200, 401, 503]).toContain(status)
      }
      expect(shop.seen('/once')).toBeGreaterThanOrEqual(1)
    })
  })
}
