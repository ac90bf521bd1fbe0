import type { DeniedCaller, ResourceSpec } from '@gatehouse/contract'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { saying } from '../support/introspectionServer.ts'
import { openRaw } from '../support/raw.ts'
import {
  apiKey,
  bearer,
  expectNoSecrets,
  fresh,
  good,
  issuer,
  refused,
  startOpaqueShop,
  type OpaqueShop,
} from './opaqueShop.ts'

/** Milliseconds within which a stream ends that would not be let in any more (M17). */
const soon = 5_000

const denied = { status: 403, code: 'denied' }
const key = `X-Api-Key: ${apiKey}`
const from = (address: string): string => `X-Forwarded-For: ${address}`

const caller = (over: Partial<DeniedCaller>): DeniedCaller => ({
  of: 'Issuer',
  name: 'https://keys.example',
  what: 'Subject',
  value: 'alice',
  ...over,
})

let shop: OpaqueShop

const deny = (list: Partial<ResourceSpec<'denyList'>>, broken = false): Promise<void> =>
  shop.apply({
    denied: { ranges: [], callers: [], ...list },
    policy: {
      denyList: { list: 'shop/denied', broken },
      failureThrottle: { limit: 2, window: 60_000, blockFor: 600_000, perProvider: null },
    },
  })

beforeAll(async () => {
  shop = await startOpaqueShop()
  shop.backend.respond((asked, response) => {
    if (!asked.target.endsWith('/events')) return response.end('ok')
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: first\n\n')
    return response
  })
})
afterAll(() => shop.close())
afterEach(() => expectNoSecrets(shop))

async function expectDenied(headers: readonly string[], line: object): Promise<void> {
  const reached = shop.backend.requests.length
  const asked = await shop.ask(...headers)
  expect(asked).toMatchObject(denied)
  expect(asked.line).toMatchObject({ log: 'security', check: 'deny-list', policy: 'shop/orders', level: 3, ...line })
  expect(shop.backend.requests).toHaveLength(reached)
}

describe('attack: deny lists', () => {
  describe('of addresses', () => {
    beforeAll(() => deny({ ranges: ['198.51.100.0/24', '203.0.113.7/32', '198.51.100.128/26', '2001:db8::/32'] }))

    it.each<[string, string]>([
      ['an address', '203.0.113.7'],
      ['the same written as IPv6', '::ffff:203.0.113.7'],
      ['one of a range', '198.51.100.200'],
      ['one of a range within another', '198.51.100.130'],
      ['one of a range, behind another within it', '198.51.100.254'],
      ['one of IPv6', '2001:db8:0:7::1'],
    ])('refuses %s, before its credential is looked at', async (_name, address) => {
      const questions = shop.idp.questions.length
      await expectDenied([from(address), key], { principal: null, item: null })
      await expectDenied([from(address), bearer(fresh())], { principal: null })
      expect(shop.idp.questions).toHaveLength(questions)
    })
  })

  it('lets others call beside them', async () => {
    await deny({ ranges: ['203.0.113.7/32', '2001:db8::/32'], callers: [caller({ value: 'mallory' })] })
    for (const address of ['203.0.113.6', '203.0.113.8', '2001:db9::1']) {
      expect((await shop.ask(from(address), key)).status).toBe(200)
      expect((await shop.ask(from(address), bearer(await shop.jwt()))).status).toBe(200)
    }
  })

  it.each<[string, Partial<DeniedCaller>]>([
    ['its issuer and subject', {}],
    ['its provider and subject', { of: 'Provider', name: 'staff' }],
    ['its provider under its whole name', { of: 'Provider', name: 'shop/orders/staff' }],
    ['the client that it was issued to', { what: 'ClientId', value: 'web' }],
    ['the party that it was issued to', { what: 'ClientId', value: 'page' }],
  ])('refuses the holder of a good token by %s', async (_name, over) => {
    const token = bearer(await shop.jwt({ client_id: 'web', azp: 'page' }))
    await deny({})
    expect((await shop.ask(token)).status).toBe(200)
    await deny({ callers: [caller(over)] })
    await expectDenied([token], { item: 'staff', principal: '["shop/orders/staff","https://keys.example","alice"]' })
  })

  it('refuses a client by its API key, and one whose token a server knows', async () => {
    await deny({
      callers: [
        caller({ of: 'Provider', name: 'partners', what: 'ClientId', value: 'acme' }),
        caller({ name: issuer, value: 'ada' }),
      ],
    })
    await expectDenied([key], { item: 'partners' })
    shop.idp.answer(saying(good))
    await expectDenied([bearer(fresh())], { item: 'opaque' })
  })

  it.each<[string, Partial<DeniedCaller>]>([
    ['of another issuer', { name: 'https://other.example' }],
    ['of another provider', { of: 'Provider', name: 'partners' }],
    ["of another policy's provider", { of: 'Provider', name: 'shop/other/staff' }],
    ['of a client that is called like the subject', { what: 'ClientId' }],
  ])('does not take a caller for one %s', async (_name, over) => {
    await deny({ callers: [caller(over)] })
    expect((await shop.ask(bearer(await shop.jwt()))).status).toBe(200)
  })

  it('believes no token about itself that is not verified, and still counts the guess', async () => {
    await deny({ callers: [caller({})] })
    const forged = bearer(`${(await shop.jwt()).slice(0, -8)}AAAAAAAA`)
    const guesser = from('192.0.2.77')
    expect(await shop.ask(guesser, forged)).toMatchObject(refused)
    expect(await shop.ask(guesser, forged)).toMatchObject(refused)
    expect(await shop.ask(guesser, forged)).toMatchObject({ status: 429, code: 'too-many-failures' })
  })

  it('refuses everybody by a list that nobody could read (M7)', async () => {
    await deny({}, true)
    const reached = shop.backend.requests.length
    expect(await shop.ask(key)).toMatchObject({ status: 500, code: 'config-invalid' })
    expect(shop.backend.requests).toHaveLength(reached)
  })

  it('ends a stream that a denied caller has open, and no other', async () => {
    await deny({})
    const [gone, kept] = [await open(key), await open(bearer(await shop.jwt()))]
    await deny({ callers: [caller({ of: 'Provider', name: 'partners', what: 'ClientId', value: 'acme' })] })
    await expect.poll(() => gone.ended(), { timeout: soon }).toBe(true)
    expect(gone.text()).not.toMatch(/\r\n0\r\n\r\n$/)
    expect(kept.ended()).toBe(false)
    await deny({ ranges: ['127.0.0.1/32'] })
    await expect.poll(() => kept.ended(), { timeout: soon }).toBe(true)
  })
})

/** A stream that has begun. */
async function open(credential: string) {
  const connection = await openRaw(await shop.listener())
  let text = ''
  let ended = false
  connection.socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  connection.socket.on('close', () => (ended = true))
  await connection.send(`GET /events HTTP/1.1\r\nHost: api.shop.example\r\n${credential}\r\n\r\n`)
  await expect.poll(() => text).toContain('data: first')
  return { text: () => text, ended: () => ended }
}
