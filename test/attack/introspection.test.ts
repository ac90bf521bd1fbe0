import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { saying, type Introspect } from '../support/introspectionServer.ts'
import { apiKey, bearer, clientSecret, issuer, startOpaqueShop, type OpaqueShop, type Wishes } from './opaqueShop.ts'

const seconds = (): number => Math.floor(Date.now() / 1000)
const good = { active: true, sub: 'ada', aud: 'orders', iss: issuer }

const refused = { status: 401, code: 'unauthenticated' }
const unavailable = { status: 503, code: 'introspection-unavailable', retryAfter: '1' }

let shop: OpaqueShop
let tokens = 0
/** A token that was never asked about. */
const fresh = (): string => `opaque-${tokens++}-${'x'.repeat(20)}`

beforeAll(async () => {
  shop = await startOpaqueShop()
})
afterAll(() => shop.close())

/** Gives the provider other settings, and with them a new memory and a new circuit. */
let variants = 0
const anew = (method: Wishes['method'] = {}): Promise<void> =>
  shop.apply({ method: { audiences: ['orders', `variant-${variants++}`], ...method } })

afterEach(() => {
  const text = shop.gateway.logs.text()
  for (const secret of [clientSecret, encodeURIComponent(clientSecret), apiKey, 'opaque-', 'Basic ', 'eyJ']) {
    expect(text).not.toContain(secret)
  }
  for (const { rawHeaders, body } of shop.backend.requests) {
    const sent = rawHeaders.join('\n') + body.toString()
    for (const secret of [clientSecret, apiKey, 'opaque-', 'Bearer', 'Basic ']) expect(sent).not.toContain(secret)
  }
})

/** What reached the backend meanwhile. */
async function reaching(work: () => Promise<unknown>): Promise<number> {
  const before = shop.backend.requests.length
  await work()
  const { length } = shop.backend.requests
  expect((await shop.ask(`X-Api-Key: ${apiKey}`)).status).toBe(200)
  return length - before
}

const status =
  (code: number, headers: Record<string, string> = {}, body = JSON.stringify(good)): Introspect =>
  (_question, response) => {
    response.writeHead(code, headers).end(body)
  }
const json = { 'content-type': 'application/json' }

describe('attack: introspection', () => {
  beforeAll(() => anew())

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
    await anew()
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
    await anew({ timeout: 200 })
    for (const slow of [() => {}, trickling] satisfies Introspect[]) {
      shop.idp.answer(slow)
      const began = performance.now()
      expect(await shop.ask(bearer(fresh()))).toMatchObject(unavailable)
      expect(performance.now() - began).toBeLessThan(2000)
    }
  })

  it('never asks about a token of a jwt provider, nor lets a server speak for it (M3)', async () => {
    await anew()
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

describe('attack: what introspection remembers', () => {
  it('asks once for 100 at once, and not again while it remembers', async () => {
    await anew()
    shop.idp.answer(saying(good))
    const asked = shop.idp.questions.length
    const token = bearer(fresh())
    const all = await Promise.all(Array.from({ length: 100 }, () => shop.ask(token)))
    expect(new Set(all.map(({ status: code }) => code))).toEqual(new Set([200]))
    expect((await shop.ask(token)).status).toBe(200)
    expect(shop.idp.questions.length - asked).toBe(1)
  })

  it('remembers nothing past the expiry of the token', async () => {
    await anew({ cacheTTL: 3_600_000 })
    shop.idp.answer(saying({ ...good, exp: seconds() + 2 }))
    const token = bearer(fresh())
    expect((await shop.ask(token)).status).toBe(200)
    // The server goes on to say that it is good, and is not believed beyond the time that it named.
    await expect.poll(async () => (await shop.ask(token)).status, { timeout: 10_000 }).toBe(401)
  })

  it('takes note of a revocation when its time is over, and at once with 0s', async () => {
    await anew({ cacheTTL: 300 })
    shop.idp.answer(saying(good))
    const token = bearer(fresh())
    expect((await shop.ask(token)).status).toBe(200)
    shop.idp.answer(saying({ active: false }))
    await expect.poll(async () => (await shop.ask(token)).status).toBe(401)
    await anew({ cacheTTL: 0, negativeTTL: 0 })
    for (const active of [true, false, true, false]) {
      shop.idp.answer(saying({ ...good, active }))
      expect((await shop.ask(token)).status).toBe(active ? 200 : 401)
    }
  })

  it('asks about a refused token once, and about a failure again', async () => {
    await anew({ negativeTTL: 3_600_000 })
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
    await anew()
    shop.idp.answer(saying({ ...good, scope: 'read', aud: ['orders', 'x'] }))
    const token = bearer(fresh())
    expect((await shop.ask(token)).status).toBe(200)
    await anew({ audiences: ['billing'] })
    expect(await shop.ask(token)).toMatchObject(refused)
    await anew({ issuer: 'https://other.example' })
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
    const line = (await shop.gateway.metrics())
      .split('\n')
      .find((text) => text.startsWith(`gatehouse_introspection_calls_total{outcome="${outcome}"}`))
    return Number(line?.split(' ').at(-1))
  }

  it('lets nobody wait or flood it: 1,000 tokens at once are 20 calls, and others do not notice', async () => {
    await anew({ maxInFlight: 20, timeout: 10_000 })
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
    await anew()
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
    await anew()
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

  it('trusts no server but one of the authority that it was given', async () => {
    const other = await startOpaqueShop()
    other.idp.answer(saying(good))
    await anew({ url: other.idp.url })
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
