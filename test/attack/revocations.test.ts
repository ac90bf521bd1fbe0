import { expect } from 'vitest'
import type { Revocation } from '@gatehouse/contract'
import { attacks, request, type Attack } from './attack.ts'
import { apiKeys } from './apiKeys.ts'
import { issuer } from './shop.ts'
import { staffToken } from './tokens.ts'
import type { Victim } from './victim.ts'

const seconds = Math.floor(Date.now() / 1000)

const revocation = (over: Partial<Revocation>): Revocation => ({
  of: 'Issuer',
  name: issuer,
  what: 'All',
  value: '',
  issuedBefore: null,
  ...over,
})

const byToken = (token: string, target = '/orders'): string =>
  request(target, { headers: [`Authorization: Bearer ${token}`] })

const byKey = request('/keys', { headers: [`X-Api-Key: ${apiKeys.good}`] })

/** Something that is let in, then revoked while it is remembered, and let in again when the revocation is gone. */
const revoked = (name: string, make: (victim: Victim) => Promise<string>, entry: Revocation): Attack => ({
  name,
  prepare: async (victim) => {
    const held = await make(victim)
    await victim.revoke(revocation({ what: 'TokenId', value: name }))
    expect(await victim.ask(held)).toBe(200)
    await victim.revoke(revocation({ name: 'https://other.example' }), entry)
    return held
  },
  answers: [['unauthenticated', 'authentication']],
  answered: { 'www-authenticate': /invalid_token|ApiKey/ },
})

const claims = { jti: 'r-1', iat: seconds - 60, client_id: 'web' }
const held = async (victim: Victim): Promise<string> => byToken(await staffToken(victim, claims))

const passesTwice = (victim: Victim, bytes: string): Promise<number[]> =>
  Promise.all([victim.ask(bytes), victim.ask(bytes)])

/** An order by a token that counts once. */
const orderBy = (token: string, body: string): string =>
  request('/once-order', {
    method: 'POST',
    headers: ['Content-Type: application/json', `Authorization: Bearer ${token}`],
    body,
  })
const soundOrder = '{"sku":"ABC"}'

attacks('revoked and used credentials', [
  revoked('a token by its id', held, revocation({ what: 'TokenId', value: 'r-1' })),
  revoked('all tokens of a subject', held, revocation({ what: 'Subject', value: 'alice' })),
  revoked('all tokens of a client', held, revocation({ what: 'ClientId', value: 'web' })),
  revoked('all tokens that a key signed', held, revocation({ what: 'KeyId', value: 'rsa-1' })),
  revoked('all tokens issued before', held, revocation({ issuedBefore: (seconds - 30) * 1000 })),
  revoked('all of a provider', held, revocation({ of: 'Provider', name: 'staff' })),
  revoked(
    'tokens of a subject issued before, also those that do not say when',
    async (victim) => byToken(await staffToken(victim, { jti: 'r-2', iat: undefined })),
    revocation({ what: 'Subject', value: 'alice', issuedBefore: 1 }),
  ),
  revoked(
    'an API key',
    () => Promise.resolve(byKey),
    revocation({ of: 'Provider', name: 'partners', what: 'ClientId', value: 'good' }),
  ),
  {
    name: 'others stay in force beside it',
    prepare: async (victim) => {
      await victim.revoke(revocation({ what: 'TokenId', value: 'r-1' }))
      return byToken(await staffToken(victim, { jti: 'r-3' }))
    },
    answers: ['passed'],
    reached: [{ target: '/orders' }],
  },
  {
    name: 'a list that nobody could read lets no caller in (M7)',
    send: async (victim) => byToken(await staffToken(victim), '/broken-revocations'),
    answers: [['config-invalid', 'authentication']],
  },
  {
    name: 'and leaves those alone who are nobody',
    send: request('/broken-revocations'),
    answers: ['passed'],
    reached: [{ target: '/broken-revocations' }],
  },
  {
    name: 'a token that counts once, twice (EGTM-019)',
    send: async (victim) => {
      const once = byToken(await staffToken(victim, { jti: 'once-1' }), '/once')
      return once + once
    },
    answers: ['passed', ['unauthenticated', 'replay']],
    reached: [{ target: '/once', headers: { 'x-gatehouse-subject': 'alice' } }],
    logged: { rule: 'once', policy: 'shop/once', item: 'tickets' },
  },
  {
    name: 'a token that counts once, on two rules of its policy',
    send: async (victim) => {
      const token = await staffToken(victim, { jti: 'once-2' })
      return byToken(token, '/once') + byToken(token, '/once-too')
    },
    answers: ['passed', ['unauthenticated', 'replay']],
    reached: [{ target: '/once' }],
  },
  {
    name: 'another token under the id of one that was used',
    send: async (victim) =>
      byToken(await staffToken(victim, { jti: 'once-3' }), '/once') +
      byToken(await staffToken(victim, { jti: 'once-3', exp: seconds + 900 }), '/once'),
    answers: ['passed', ['unauthenticated', 'replay']],
    reached: [{ target: '/once' }],
  },
  {
    name: 'a token without id where each counts once',
    send: async (victim) => byToken(await staffToken(victim), '/once'),
    answers: [['unauthenticated', 'authentication']],
  },
  {
    name: 'of two at once one passes',
    prepare: async (victim) => {
      for (let at = 0; at < 20; at++) {
        const once = byToken(await staffToken(victim, { jti: `race-${at}` }), '/once')
        expect((await passesTwice(victim, once)).toSorted((a, b) => a - b)).toEqual([200, 401])
      }
      return byToken(await staffToken(victim, { jti: 'race-0' }), '/once')
    },
    answers: [['unauthenticated', 'replay']],
  },
  {
    name: 'what was used stays used when the configuration changes (M16)',
    prepare: async (victim) => {
      const once = byToken(await staffToken(victim, { jti: 'kept' }), '/once')
      expect(await victim.ask(once)).toBe(200)
      await victim.revoke(revocation({ what: 'TokenId', value: 'none' }))
      return once
    },
    answers: [['unauthenticated', 'replay']],
  },
  {
    name: 'what is refused before is not used up',
    prepare: async (victim) => {
      const once = byToken(await staffToken(victim, { jti: 'spared' }), '/once')
      expect(await victim.ask(once.replace('GET /once', 'GET /once%2f'))).toBe(400)
      return once
    },
    answers: ['passed'],
    reached: [{ target: '/once' }],
  },
  {
    name: 'a body that is refused uses nothing up, one that is taken does (M8)',
    send: async (victim) => {
      const token = await staffToken(victim, { jti: 'order-1' })
      return orderBy(token, '{"sku":1}') + orderBy(token, soundOrder) + orderBy(token, soundOrder)
    },
    answers: [['validation-failed', 'validation'], 'passed', ['unauthenticated', 'replay']],
    reached: [{ target: '/once-order', body: soundOrder }],
    logged: { rule: 'once-order', policy: 'shop/once-order', item: 'tickets' },
  },
  {
    name: 'of two bodies at once, by one token, one passes',
    prepare: async (victim) => {
      const large = `{"sku":"ABC"${' '.repeat(100_000)}}`
      for (let at = 0; at < 10; at++) {
        // By workers in half of the turns, so that both are held when the first is found right.
        const order = orderBy(await staffToken(victim, { jti: `order-race-${at}` }), at % 2 === 0 ? soundOrder : large)
        expect((await passesTwice(victim, order)).toSorted((a, b) => a - b)).toEqual([200, 401])
      }
      return orderBy(await staffToken(victim, { jti: 'order-race-0' }), soundOrder)
    },
    answers: [['unauthenticated', 'replay']],
  },
])
