import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { saying } from '../support/introspectionServer.ts'
import {
  apiKey,
  bearer,
  expectNoSecrets,
  fresh,
  good,
  refused,
  seconds,
  startOpaqueShop,
  type OpaqueShop,
  type Wishes,
} from './opaqueShop.ts'

const limits = { limit: 3, window: 60_000, blockFor: 600_000 }
const failureThrottle = { ...limits, perProvider: null }
const blocked = { status: 429, code: 'too-many-failures' }

let shop: OpaqueShop
let clients = 0
/** An address that nobody has used. */
const client = (): string => `X-Forwarded-For: 198.51.100.${clients++}`
const badKey = 'X-Api-Key: k-00000000000000000000000000000000'

const apply = (policy: Wishes['policy'] = {}): Promise<void> => shop.apply({ policy: { failureThrottle, ...policy } })

beforeAll(async () => {
  shop = await startOpaqueShop()
  await apply()
})
afterAll(() => shop.close())
afterEach(() => expectNoSecrets(shop))

async function block(from: string): Promise<void> {
  for (let time = 0; time < failureThrottle.limit; time++) expect(await shop.ask(from, badKey)).toMatchObject(refused)
  expect(await shop.ask(from, badKey)).toMatchObject(blocked)
}

describe('attack: guessed credentials (failureThrottle)', () => {
  it('blocks an address after its third guess, tells for how long, and blocks no other', async () => {
    const [from, other] = [client(), client()]
    await block(from)
    const reached = shop.backend.requests.length
    const { line, retryAfter, ...outcome } = await shop.ask(from, badKey)
    expect(outcome).toEqual(blocked)
    expect(Number(retryAfter)).toBeGreaterThan(590)
    expect(Number(retryAfter)).toBeLessThanOrEqual(600)
    expect(line).toMatchObject({ log: 'security', check: 'throttle', policy: 'shop/orders', level: 3, principal: null })
    expect(await shop.ask(other, badKey)).toMatchObject(refused)
    expect(shop.backend.requests).toHaveLength(reached)
  })

  it('counts a guess of each kind: a key, a signature, an opaque token', async () => {
    shop.idp.answer(saying({ active: false }))
    const from = client()
    const token = await shop.jwt()
    expect(await shop.ask(from, badKey)).toMatchObject(refused)
    expect(await shop.ask(from, bearer(`${token.slice(0, -8)}AAAAAAAA`))).toMatchObject(refused)
    expect(await shop.ask(from, bearer(fresh()))).toMatchObject(refused)
    expect(await shop.ask(from, badKey)).toMatchObject(blocked)
  })

  it('spares callers who are known behind the same address', async () => {
    shop.idp.answer(saying(good))
    const from = client()
    const [jwt, opaque] = [bearer(await shop.jwt()), bearer(fresh())]
    expect((await shop.ask(from, jwt)).status).toBe(200)
    expect((await shop.ask(from, opaque)).status).toBe(200)
    await block(from)
    for (const known of [jwt, opaque, `X-Api-Key: ${apiKey}`]) expect((await shop.ask(from, known)).status).toBe(200)
    const asked = shop.idp.questions.length
    expect(await shop.ask(from, bearer(await shop.jwt({ jti: 'new' })))).toMatchObject(blocked)
    expect(await shop.ask(from, bearer(fresh()))).toMatchObject(blocked)
    expect(await shop.ask(from, 'Authorization: Basic eDp5')).toMatchObject(blocked)
    expect(shop.idp.questions).toHaveLength(asked)
    expect(await shop.ask(from)).toMatchObject(refused)
  })

  it.each<[string, () => Promise<string>]>([
    ['expired', () => shop.jwt({ exp: seconds() - 5 })],
    ['for another audience', () => shop.jwt({ aud: 'billing' })],
    ['of an issuer that nobody names, and unknown there', () => Promise.resolve('a b')],
    ['cut off', () => shop.jwt().then((token) => `${token}.`)],
  ])('does not count a token that is %s: its owner shares an address with others', async (_name, make) => {
    const from = client()
    const token = bearer(await make())
    shop.idp.answer(saying({ ...good, aud: 'billing' }))
    for (let time = 0; time < 5; time++) expect(await shop.ask(from, token)).toMatchObject(refused)
    expect(await shop.ask(from, badKey)).toMatchObject(refused)
  })

  it('does not count no credential, two of them, or a server that gives no answer', async () => {
    const from = client()
    for (let time = 0; time < 5; time++) {
      expect(await shop.ask(from)).toMatchObject(refused)
      expect(await shop.ask(from, badKey, bearer('x'))).toMatchObject({ status: 400 })
    }
    shop.idp.answer((_question, response) => response.destroy())
    for (let time = 0; time < 3; time++) expect((await shop.ask(from, bearer(fresh()))).status).toBe(503)
    expect(await shop.ask(from, badKey)).toMatchObject(refused)
  })

  it('counts one wrong token once, and a revoked one not at all', async () => {
    await apply({ identityHeaders: [] })
    const method = { audiences: ['orders', 'throttled'], cacheTTL: 100 }
    await shop.apply({ method, policy: { failureThrottle } })
    const from = client()
    shop.idp.answer(saying(good))
    const revoked = bearer(fresh())
    expect((await shop.ask(from, revoked)).status).toBe(200)
    shop.idp.answer(saying({ active: false }))
    await expect.poll(async () => (await shop.ask(from, revoked)).status).toBe(401)
    const wrong = bearer(fresh())
    for (let time = 0; time < 5; time++) {
      expect(await shop.ask(from, wrong)).toMatchObject(refused)
      expect(await shop.ask(from, revoked)).toMatchObject(refused)
    }
    expect(await shop.ask(from, badKey)).toMatchObject(refused)
    expect(await shop.ask(from, badKey)).toMatchObject(refused)
    expect(await shop.ask(from, badKey)).toMatchObject(blocked)
    await apply()
  })

  it('takes a /64 of IPv6 for one address', async () => {
    for (const host of ['1', '2', '3']) {
      expect(await shop.ask(`X-Forwarded-For: 2001:db8:0:7::${host}`, badKey)).toMatchObject(refused)
    }
    expect(await shop.ask('X-Forwarded-For: 2001:db8:0:7:ffff::9', badKey)).toMatchObject(blocked)
    expect(await shop.ask('X-Forwarded-For: 2001:db8:0:8::1', badKey)).toMatchObject(refused)
  })

  it('forgets nothing when the configuration changes, its own settings too', async () => {
    const [blockedOne, near] = [client(), client()]
    await block(blockedOne)
    expect(await shop.ask(near, badKey)).toMatchObject(refused)
    expect(await shop.ask(near, badKey)).toMatchObject(refused)
    await apply({ failureThrottle: { ...failureThrottle, limit: 4, window: 120_000, blockFor: 300_000 } })
    expect(await shop.ask(blockedOne, badKey)).toMatchObject(blocked)
    expect(await shop.ask(near, badKey)).toMatchObject(refused)
    expect(await shop.ask(near, badKey)).toMatchObject(refused)
    expect(await shop.ask(near, badKey)).toMatchObject(blocked)
    expect(await shop.metrics()).toMatch(/^gatehouse_throttled_networks [1-9]/m)
    await apply()
  })

  it('blocks an address for the provider whose credentials are guessed, and no other, before anything is verified', async () => {
    const perProvider = { ...limits, limit: 2 }
    const method = { audiences: ['orders', 'guessed'] }
    await shop.apply({ method, policy: { failureThrottle: { ...limits, limit: 5, perProvider } } })
    shop.idp.answer(saying({ active: false }))
    const [from, other] = [client(), client()]
    for (let time = 0; time < 2; time++) expect(await shop.ask(from, bearer(fresh()))).toMatchObject(refused)
    const asked = shop.idp.questions.length
    const { line, ...outcome } = await shop.ask(from, bearer(fresh()))
    expect(outcome).toMatchObject(blocked)
    expect(line).toMatchObject({ check: 'throttle', policy: 'shop/orders', item: 'opaque', level: 3, principal: null })
    expect(shop.idp.questions).toHaveLength(asked)
    expect((await shop.ask(from, bearer(await shop.jwt()))).status).toBe(200)
    expect((await shop.ask(from, `X-Api-Key: ${apiKey}`)).status).toBe(200)
    expect(await shop.ask(from)).toMatchObject(refused)
    expect(await shop.ask(other, bearer(fresh()))).toMatchObject(refused)
    // A guess of another provider is one of the address all the same, and the fifth blocks it for all.
    for (let time = 0; time < 2; time++) expect(await shop.ask(from, badKey)).toMatchObject(refused)
    expect((await shop.ask(from, badKey)).line).toMatchObject({ code: 'too-many-failures', item: 'partners' })
    const forged = bearer(`${(await shop.jwt()).slice(0, -8)}AAAAAAAA`)
    expect(await shop.ask(from, forged)).toMatchObject(refused)
    expect((await shop.ask(from, bearer(await shop.jwt({ jti: 'late' })))).line).toMatchObject({ item: null })
    await apply()
  })

  it('spares at the provider whose credentials are guessed who is known to it', async () => {
    const method = { audiences: ['orders', 'known'] }
    await shop.apply({ method, policy: { failureThrottle: { ...limits, perProvider: { ...limits, limit: 1 } } } })
    shop.idp.answer(saying(good))
    const from = client()
    const known = bearer(fresh())
    expect((await shop.ask(from, known)).status).toBe(200)
    shop.idp.answer(saying({ active: false }))
    expect(await shop.ask(from, bearer(fresh()))).toMatchObject(refused)
    expect(await shop.ask(from, bearer(fresh()))).toMatchObject(blocked)
    expect((await shop.ask(from, known)).status).toBe(200)
    expect(await shop.ask(from, badKey)).toMatchObject(refused)
    expect((await shop.ask(from, `X-Api-Key: ${apiKey}`)).status).toBe(200)
    await apply()
  })

  it('lets the address try again when its time is over', async () => {
    await apply({ failureThrottle: { ...failureThrottle, blockFor: 300 } })
    const from = client()
    for (let time = 0; time < 3; time++) expect(await shop.ask(from, badKey)).toMatchObject(refused)
    expect(await shop.ask(from, badKey)).toMatchObject({ ...blocked, retryAfter: '1' })
    await expect.poll(async () => (await shop.ask(from, badKey)).status).toBe(401)
    await apply()
  })
})
