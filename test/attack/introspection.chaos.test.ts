import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { saying } from '../support/introspectionServer.ts'
import {
  apiKey,
  bearer,
  expectNoSecrets,
  fresh,
  good,
  json,
  refused,
  seconds,
  startOpaqueShop,
  status,
  unavailable,
  type OpaqueShop,
} from './opaqueShop.ts'

let shop: OpaqueShop
beforeAll(async () => {
  shop = await startOpaqueShop()
})
afterAll(() => shop.close())
afterEach(() => expectNoSecrets(shop))

describe('attack: what introspection remembers', () => {
  it('asks once for 100 at once, and not again while it remembers', async () => {
    await shop.anew()
    shop.idp.answer(saying(good))
    const asked = shop.idp.questions.length
    const token = bearer(fresh())
    const all = await Promise.all(Array.from({ length: 100 }, () => shop.ask(token)))
    expect(new Set(all.map(({ status: code }) => code))).toEqual(new Set([200]))
    expect((await shop.ask(token)).status).toBe(200)
    expect(shop.idp.questions.length - asked).toBe(1)
  })

  it('remembers nothing past the expiry of the token', async () => {
    await shop.anew({ cacheTTL: 3_600_000 })
    shop.idp.answer(saying({ ...good, exp: seconds() + 2 }))
    const token = bearer(fresh())
    expect((await shop.ask(token)).status).toBe(200)
    // The server goes on to say that it is good, and is not believed beyond the time that it named.
    await expect.poll(async () => (await shop.ask(token)).status, { timeout: 10_000 }).toBe(401)
  })

  it('takes note of a revocation when its time is over, and at once with 0s', async () => {
    await shop.anew({ cacheTTL: 300 })
    shop.idp.answer(saying(good))
    const token = bearer(fresh())
    expect((await shop.ask(token)).status).toBe(200)
    shop.idp.answer(saying({ active: false }))
    await expect.poll(async () => (await shop.ask(token)).status).toBe(401)
    await shop.anew({ cacheTTL: 0, negativeTTL: 0 })
    for (const active of [true, false, true, false]) {
      shop.idp.answer(saying({ ...good, active }))
      expect((await shop.ask(token)).status).toBe(active ? 200 : 401)
    }
  })

  it('asks about a refused token once, and about a failure again', async () => {
    await shop.anew({ negativeTTL: 3_600_000 })
    shop.idp.answer(saying({ active: false }))
    const asked = shop.idp.questions.length
    const token = bearer(fresh())
    for (let time = 0; time < 5; time++) expect(await shop.ask(token)).toMatchObject(refused)
    expect(shop.idp.questions.length - asked).toBe(1)
    const other = bearer(fresh())
    shop.idp.answer(status(500))
    expect(await shop.ask(other)).toMatchObject(unavailable)
    shop.idp.answer(saying(good))
    expect((await shop.ask(other)).status).toBe(200)
  })

  it('remembers for one set of settings alone (CVE-2026-33496)', async () => {
    await shop.anew()
    shop.idp.answer(saying({ ...good, scope: 'read', aud: ['orders', 'x'] }))
    const token = bearer(fresh())
    expect((await shop.ask(token)).status).toBe(200)
    await shop.anew({ audiences: ['billing'] })
    expect(await shop.ask(token)).toMatchObject(refused)
    await shop.anew({ issuer: 'https://other.example' })
    expect(await shop.ask(token)).toMatchObject(refused)
  })

  it('remembers through a change that does not concern it', async () => {
    const method = { audiences: ['orders', 'stays'] }
    await shop.apply({ method })
    shop.idp.answer(saying(good))
    const token = bearer(fresh())
    expect((await shop.ask(token)).status).toBe(200)
    const asked = shop.idp.questions.length
    await shop.apply({ method, policy: { identityHeaders: [] } })
    expect((await shop.ask(token)).status).toBe(200)
    expect(shop.idp.questions).toHaveLength(asked)
  })
})

describe('chaos: an identity provider that is down, slow or flooded', () => {
  const metric = async (outcome: string): Promise<number> => {
    const line = (await shop.metrics())
      .split('\n')
      .find((text) => text.startsWith(`gatehouse_introspection_calls_total{outcome="${outcome}"}`))
    return Number(line?.split(' ').at(-1))
  }

  it('lets nobody wait or flood it: 1,000 tokens at once are 20 calls, and others do not notice', async () => {
    await shop.anew({ maxInFlight: 20, timeout: 10_000 })
    const held: (() => void)[] = []
    shop.idp.answer((question, response) => void held.push(() => saying(good)(question, response)))
    const saturated = await metric('saturated')
    const asked = shop.idp.questions.length
    const flood = Array.from({ length: 1000 }, () => shop.ask(bearer(fresh())))
    await expect.poll(() => held.length, { timeout: 20_000 }).toBe(20)
    const jwt = bearer(await shop.jwt())
    expect((await shop.ask(jwt)).status).toBe(200)
    expect((await shop.ask(`X-Api-Key: ${apiKey}`)).status).toBe(200)
    await expect.poll(() => metric('saturated'), { timeout: 20_000 }).toBe(saturated + 980)
    held.forEach((answer) => answer())
    const codes = (await Promise.all(flood)).map(({ status: code }) => code)
    expect(codes.filter((code) => code === 503)).toHaveLength(980)
    expect(codes.filter((code) => code === 200)).toHaveLength(20)
    expect(shop.idp.questions.length - asked).toBe(20)
    expect(shop.idp.mostOpen()).toBeLessThanOrEqual(20)
  })

  it('leaves a server that fails alone, lets those pass whom it knows, and comes back', async () => {
    await shop.anew()
    shop.idp.answer(saying(good))
    const known = bearer(fresh())
    expect((await shop.ask(known)).status).toBe(200)
    shop.idp.answer(status(500))
    const asked = shop.idp.questions.length
    for (let time = 0; time < 20; time++) expect((await shop.ask(bearer(fresh()))).status).toBe(503)
    expect(shop.idp.questions.length - asked).toBeLessThanOrEqual(5)
    expect((await shop.ask(known)).status).toBe(200)
    expect((await shop.ask(bearer(await shop.jwt()))).status).toBe(200)
    expect(await metric('circuit-open')).toBeGreaterThan(0)
    shop.idp.answer(saying(good))
    await expect.poll(async () => (await shop.ask(bearer(fresh()))).status, { timeout: 15_000 }).toBe(200)
  })

  it('does not let what the text of a token causes open the circuit', async () => {
    await shop.anew()
    shop.idp.answer((question, response) => {
      const introspect = question.token.startsWith('opaque-odd') ? status(400, json) : saying(good)
      introspect(question, response)
    })
    for (let time = 0; time < 20; time++) expect((await shop.ask(bearer(`opaque-odd-${time}`))).status).toBe(503)
    expect((await shop.ask(bearer(fresh()))).status).toBe(200)
  })

  it('fails closed when nobody is there', async () => {
    const gone = await startOpaqueShop()
    await gone.idp.close()
    const { port } = new URL(gone.idp.url)
    await expect.poll(() => isRefused(Number(port))).toBe(true)
    const { line: _, ...outcome } = await gone.ask(bearer(fresh()))
    expect(outcome).toEqual(unavailable)
    expect((await gone.ask(`X-Api-Key: ${apiKey}`)).status).toBe(200)
    await gone.close()
  })

  it('lets who was asked about before a change hear the answer after it', async () => {
    await shop.anew()
    const held: (() => void)[] = []
    shop.idp.answer((question, response) => void held.push(() => saying(good)(question, response)))
    const asked = shop.ask(bearer(fresh()))
    await expect.poll(() => held.length).toBe(1)
    await shop.anew()
    held.forEach((answer) => answer())
    expect((await asked).status).toBe(200)
  })

  it('trusts no server but one of the authority that it was given', async () => {
    const other = await startOpaqueShop()
    other.idp.answer(saying(good))
    await shop.anew({ url: other.idp.url })
    expect(await shop.ask(bearer(fresh()))).toMatchObject(unavailable)
    expect(other.idp.questions).toHaveLength(0)
    await other.close()
  })
})

const isRefused = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('connect', () => resolve(false)).on('error', () => resolve(true))
    socket.on('connect', () => socket.destroy())
  })
