import { expect } from 'vitest'
import { sendRaw } from '../support/raw.ts'
import { apiKeys } from './apiKeys.ts'
import { request, type Answer, type Attack } from './attack.ts'
import { staffToken } from './tokens.ts'
import type { Responder } from '../support/backend.ts'
import { echo } from '../support/backend.ts'
import type { Victim } from './victim.ts'

/** Attacks on what quotas count by, how much, and for whom. */

const passed = (count: number): Answer[] => Array.from({ length: count }, () => 'passed')
const tooMany: Answer = ['quota-exceeded', 'request-quota']
const tooManyOf: Answer = ['quota-exceeded', 'principal-quota']

const repeated = (count: number, text: string): string => text.repeat(count)

/** What is sent, and how it is answered; what passes reaches the backend. */
const counted = (
  name: string,
  send: Attack['send'],
  answers: readonly Answer[],
  over: Partial<Attack> = {},
): Attack => ({
  name,
  ...(send !== undefined && { send }),
  answers,
  reached: answers.filter((answer) => answer === 'passed').map(() => ({})),
  ...over,
})

const by = async (victim: Victim, target: string, claims: Parameters<typeof staffToken>[1]): Promise<string> =>
  request(target, { headers: [`Authorization: Bearer ${await staffToken(victim, claims)}`] })

const all =
  (...requests: ((victim: Victim) => Promise<string>)[]) =>
  async (victim: Victim) =>
    (await Promise.all(requests.map((one) => one(victim)))).join('')

const device = (name: string) => request('/per-device', { headers: [`X-Device: ${name}`] })
const withKey = (target: string, key: string) => request(target, { headers: [`X-Api-Key: ${key}`] })

/** A hundred requests with values of their own. */
async function spray(victim: Victim): Promise<void> {
  const target = await victim.listener('http')
  for (let from = 0; from < 100; from += 10) {
    const batch = Array.from({ length: 10 }, (_, index) => device(`new-${from + index}`))
    const { responses } = await sendRaw(target, batch.join(''), { responses: 10 })
    expect(responses.map(({ status }) => status)).toEqual(batch.map(() => 200))
  }
}

/** Says of a request what its query tells it to, as a backend that is asked so would. */
const weighing: Responder = (asked, response) => {
  const said = new URL(asked.target, 'http://x').searchParams.getAll('says')
  if (said.length > 0) response.setHeader('X-Cost', said)
  echo(asked, response)
}

/** @param says - what the backend says that an answer weighs */
const weighed = (path: string, ...says: string[]) =>
  request(`${path}?${says.map((one) => `says=${encodeURIComponent(one)}`).join('&')}`)

const prepared = (text: string) => (victim: Victim) => {
  victim.backend.respond(weighing)
  return Promise.resolve(text)
}

const post = (target: string) => request(target, { method: 'POST' })

export const quotaAttacks: readonly Attack[] = [
  counted('one more than a sliding window holds', repeated(4, request('/per-sliding')), [...passed(3), tooMany]),
  counted('one more than a fixed window holds', repeated(4, request('/per-fixed')), [...passed(3), tooMany]),
  counted('one more than the smaller of two rates', repeated(4, request('/per-rates')), [...passed(3), tooMany], {
    answered: {
      'ratelimit-policy': /^"rates-7200000ms";q=3;w=7200, "rates-3600000ms";q=5;w=3600$/,
      ratelimit: /^"rates-7200000ms";r=0;t=\d+, "rates-3600000ms";r=2;t=\d+$/,
      'retry-after': /^[1-9]\d*$/,
    },
  }),
  counted(
    'of two quotas the one that refuses, and the other loses nothing by it (M8)',
    repeated(9, request('/per-both')),
    [...passed(3), ...Array.from({ length: 6 }, () => tooMany)],
    { answered: { ratelimit: /^"narrow";r=0;t=\d+, "wide";r=2;t=\d+$/ }, logged: { quota: 'narrow' } },
  ),
  counted(
    'what a method costs',
    [post('/per-method'), post('/per-method'), request('/per-method'), post('/per-method')].join(''),
    ['passed', tooMany, 'passed', tooMany],
  ),
  counted(
    'a method that costs nothing is neither counted nor refused',
    repeated(3, request('/per-method', { method: 'OPTIONS' })),
    passed(3),
    {
      answered: { ratelimit: null },
    },
  ),
  counted('one value of a header twice', device('a') + device('a'), ['passed', tooMany]),
  counted('a header with ever new values has so many counts and no more', undefined, [tooMany, tooMany], {
    prepare: async (victim) => {
      await spray(victim)
      return device('new-100') + device('new-101')
    },
    logged: { quota: 'device' },
  }),
  counted(
    'a header beyond that many by another spelling of its name',
    request('/per-device', { headers: ['x_device: z'] }) + request('/per-device', { headers: ['X-DEVICE: z'] }),
    ['passed', tooMany],
  ),
  counted(
    'a header that holds the credential counts as absent (M10)',
    withKey('/per-secret', 'wrong') + withKey('/per-secret', apiKeys.good),
    [['unauthenticated', 'authentication'], tooMany],
  ),
  counted(
    'claims of two types',
    all(
      (victim) => by(victim, '/per-team', { team: 7 }),
      (victim) => by(victim, '/per-team', { team: '7', sub: 'bob' }),
      (victim) => by(victim, '/per-team', { team: 7, sub: 'carol' }),
    ),
    ['passed', 'passed', tooManyOf],
  ),
  counted(
    'who lacks the claim, or has many, shares one count (M16)',
    all(
      (victim) => by(victim, '/per-team', { sub: 'a' }),
      (victim) => by(victim, '/per-team', { sub: 'b', team: ['x'] }),
      (victim) => by(victim, '/per-team', { sub: 'c', team: { x: 1 } }),
    ),
    ['passed', tooManyOf, tooManyOf],
  ),
  counted('a plan that its provider may say', repeated(6, withKey('/per-plan', apiKeys.good)), [
    ...passed(5),
    tooManyOf,
  ]),
  counted(
    'a plan that its provider may not say (M5)',
    all(
      (victim) => by(victim, '/per-plan', { plan: 'gold' }),
      (victim) => by(victim, '/per-plan', { plan: 'gold' }),
      (victim) => by(victim, '/per-plan', { plan: 'gold' }),
    ),
    ['passed', 'passed', tooManyOf],
  ),
  counted(
    'a caller of a plan takes nothing from another at the same address',
    all(
      () => Promise.resolve(repeated(5, withKey('/per-planned-ip', apiKeys.good))),
      (victim) => by(victim, '/per-planned-ip', {}),
      () => Promise.resolve(withKey('/per-planned-ip', apiKeys.good)),
    ),
    [...passed(6), tooManyOf],
  ),
  counted('what an answer weighs goes no further', undefined, ['passed'], {
    prepare: prepared(weighed('/per-weight', '40')),
    answered: { 'x-cost': null, ratelimit: /^"weight";r=99;/ },
  }),
  counted('and is charged after it, also what does not fit', weighed('/per-weight', '150'), ['passed'], {
    answered: { 'x-cost': null, ratelimit: /^"weight";r=58;/ },
  }),
  counted('what is owed is paid before anything else passes', weighed('/per-weight'), [tooMany], {
    answered: { 'retry-after': /^3[23]\d\d$/ },
  }),
  counted('an answer that weighs nothing takes nothing', repeated(5, weighed('/per-absent')), passed(5), {
    answered: { ratelimit: /^"absent";r=3;/ },
  }),
  counted('an answer that weighs all that is left', weighed('/per-absent', '3'), ['passed'], {
    answered: { 'x-cost': null },
  }),
  counted('leaves nothing, although a request costs nothing by itself', weighed('/per-absent'), [tooMany], {
    answered: { 'retry-after': /^1[12]\d\d$/ },
  }),
  counted('two weights are none that can be read, and weigh the most', weighed('/per-unread', '1', '1'), ['passed'], {
    answered: { 'x-cost': null },
  }),
  counted('so that nothing is free then', weighed('/per-unread'), [tooMany], {
    answered: { 'retry-after': /^2[34]\d{4}$/ },
  }),
  counted('more than the most', weighed('/per-much', '999999'), ['passed']),
  counted('is the most', weighed('/per-much'), [tooMany], { answered: { 'retry-after': /^2[34]\d{4}$/ } }),
]
