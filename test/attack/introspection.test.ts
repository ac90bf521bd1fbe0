import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { saying, type Introspect } from '../support/introspectionServer.ts'
import {
  apiKey,
  bearer,
  expectNoSecrets,
  fresh,
  good,
  issuer,
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

/** What reached the backend meanwhile. */
async function reaching(work: () => Promise<unknown>): Promise<number> {
  const before = shop.backend.requests.length
  await work()
  const { length } = shop.backend.requests
  expect((await shop.ask(`X-Api-Key: ${apiKey}`)).status).toBe(200)
  return length - before
}

describe('attack: introspection', () => {
  it('asks as RFC 7662 2.1 says, and lets an active token pass without it', async () => {
    shop.idp.answer(saying(good))
    const token = `${fresh()}+/=~`
    const { status: code, line } = await shop.ask(bearer(token))
    expect(code).toBe(200)
    expect(line).toMatchObject({ log: 'audit', principal: `["shop/orders/opaque","${issuer}","ada"]` })
    const question = shop.idp.questions.at(-1)!
    expect(question).toMatchObject({ token, method: 'POST', path: '/introspect' })
    expect(question.form.get('token_type_hint')).toBe('access_token')
    const basic = Buffer.from(question.headers.authorization!.replace('Basic ', ''), 'base64').toString()
    expect(basic).toBe('gate%3Ahouse:planted-s3cret%2B%26%3D+7f3a')
    const arrived = shop.backend.requests.at(-1)!.rawHeaders
    expect(arrived.map((text) => text.toLowerCase())).not.toContain('authorization')
    expect(arrived[arrived.indexOf('x-gatehouse-subject') + 1]).toBe('ada')
  })

  it.each<[string, object]>([
    ['inactive', { active: false }],
    ['inactive, though all else is good', { ...good, active: false }],
    ['another audience', { ...good, aud: ['billing'] }],
    ['no audience', { active: true, sub: 'ada' }],
    ['another issuer', { ...good, iss: 'https://evil.example' }],
    ['no subject', { active: true, aud: 'orders' }],
    ['expired', { ...good, exp: seconds() - 1 }],
    ['not valid yet', { ...good, nbf: seconds() + 600 }],
    ['a token bound to a key (RFC 9449 7.1)', { ...good, token_type: 'DPoP' }],
  ])('401 for a clear answer: %s', async (_name, answer) => {
    shop.idp.answer(saying(answer))
    const reached = await reaching(async () => {
      const { line, ...outcome } = await shop.ask(bearer(fresh()))
      expect(outcome).toMatchObject(refused)
      expect(line).toMatchObject({ log: 'security', check: 'authentication', policy: 'shop/orders', item: 'opaque' })
    })
    expect(reached).toBe(0)
  })

  it.each<[string, Introspect]>([
    ['HTML with 200', status(200, { 'content-type': 'text/html' }, '<h1>Welcome</h1>')],
    ['JSON that says it is HTML', status(200, { 'content-type': 'text/html' })],
    ['JSON that says nothing', status(200)],
    ['no JSON', status(200, json, '{"active":true,')],
    ['an empty body', status(200, json, '')],
    ['a list', saying([good])],
    ['true', saying(true)],
    ['null', saying(null)],
    ['active as a text', saying({ ...good, active: 'true' })],
    ['active as 1', saying({ ...good, active: 1 })],
    ['no active', saying({ sub: 'ada', aud: 'orders' })],
    ['exp as a text', saying({ ...good, exp: String(seconds() + 600) })],
    ['sub as a number', saying({ ...good, sub: 7 })],
    ['10 MB', saying({ ...good, padding: 'x'.repeat(10_000_000) })],
    ['a body that is compressed', status(200, { ...json, 'content-encoding': 'gzip' })],
    ['201', status(201, json)],
    ['204', status(204, {}, '')],
    ['a redirect', status(302, { location: 'https://127.0.0.1:1/introspect' })],
    ['a redirect that keeps the method (CVE-2022-29153)', status(307, { location: '/elsewhere' })],
    ['400', status(400, json)],
    ['401 to us', status(401, json)],
    ['403 to us', status(403, json)],
    ['429 to us', status(429, json)],
    ['500', status(500, json)],
    ['503', status(503, json)],
    [
      'half an answer',
      (_question, response) => void response.writeHead(200, json).write('{"active":true', () => response.destroy()),
    ],
    ['a connection that ends', (_question, response) => response.destroy()],
  ])('503 for anything else: %s', async (_name, introspect) => {
    await shop.anew()
    shop.idp.answer(introspect)
    const asked = shop.idp.questions.length
    const reached = await reaching(async () => {
      const { line, ...outcome } = await shop.ask(bearer(fresh()))
      expect(outcome).toEqual(unavailable)
      expect(line).toMatchObject({ log: 'security', check: 'authentication', policy: 'shop/orders', item: 'opaque' })
    })
    expect(reached).toBe(0)
    expect(shop.idp.questions.length - asked).toBe(1)
  })

  it('answers within its own deadline when the server is slow, by head or by body', async () => {
    await shop.anew({ timeout: 200 })
    for (const slow of [() => {}, trickling] satisfies Introspect[]) {
      shop.idp.answer(slow)
      const began = performance.now()
      expect(await shop.ask(bearer(fresh()))).toMatchObject(unavailable)
      expect(performance.now() - began).toBeLessThan(2000)
    }
  })

  it('never asks about a token of a jwt provider, nor lets a server speak for it (M3)', async () => {
    await shop.anew()
    shop.idp.answer(saying(good))
    const asked = shop.idp.questions.length
    const token = await shop.jwt()
    expect((await shop.ask(bearer(token))).line['principal']).toContain('shop/orders/staff')
    expect(await shop.ask(bearer(`${token.slice(0, -8)}AAAAAAAA`))).toMatchObject(refused)
    expect(await shop.ask(bearer(await shop.jwt({ aud: 'billing' })))).toMatchObject(refused)
    expect(shop.idp.questions).toHaveLength(asked)
  })

  it('asks about a JWS that no jwt provider names (M3)', async () => {
    const token = await shop.jwt({ iss: 'https://elsewhere.example' })
    expect((await shop.ask(bearer(token))).line['principal']).toContain('shop/orders/opaque')
    expect(shop.idp.questions.at(-1)!.token).toBe(token)
  })

  it.each([
    ['two words', 'a b'],
    ['another scheme', null],
    ['nothing', ''],
  ])('does not ask about what is no token: %s', async (_name, text) => {
    const asked = shop.idp.questions.length
    expect(await shop.ask(text === null ? 'Authorization: Basic eDp5' : bearer(text))).toMatchObject(refused)
    expect(shop.idp.questions).toHaveLength(asked)
  })

  it('refuses a token beside an API key, whichever is good (M3)', async () => {
    const asked = shop.idp.questions.length
    expect(await shop.ask(bearer(fresh()), `X-Api-Key: ${apiKey}`)).toMatchObject({ code: 'ambiguous-credential' })
    expect(shop.idp.questions).toHaveLength(asked)
  })
})

/** Its head at once, its body never. */
const trickling: Introspect = (_question, response) => {
  response.writeHead(200, json).write('{"active":')
}
