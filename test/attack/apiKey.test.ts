import { createHash } from 'node:crypto'
import { apiKeys } from './apiKeys.ts'
import { attacks, request, type Answer, type Attack } from './attack.ts'

const keyed = (name: string, headers: readonly string[], answer: Answer, target = '/keys'): Attack => ({
  name,
  send: request(target, { headers }),
  answers: [answer],
  ...(answer === 'passed' && { reached: [{ headers: { 'x-api-key': null } }] }),
})

const refused = (name: string, ...headers: string[]): Attack => ({
  ...keyed(name, headers, ['unauthenticated', 'authentication']),
  logged: { policy: 'shop/keys', principal: null },
})

const principal = (policy: string, client: string): string => JSON.stringify([`shop/${policy}/partners`, '', client])

attacks('api key', [
  refused('no key'),
  refused('a key that nobody has', 'X-Api-Key: k-00000000000000000000000000000000'),
  refused('an empty key (CVE-2023-48312)', 'X-Api-Key:'),
  refused('the hash in place of the key', `X-Api-Key: ${createHash('sha256').update(apiKeys.good).digest('hex')}`),
  refused('the hash as it is stored', `X-Api-Key: sha256:${createHash('sha256').update(apiKeys.good).digest('hex')}`),
  refused('the client id in place of the key', 'X-Api-Key: good'),
  refused('a key cut short', `X-Api-Key: ${apiKeys.good.slice(0, -1)}`),
  refused('a key with a character more', `X-Api-Key: ${apiKeys.good}0`),
  refused('a key in capitals', `X-Api-Key: ${apiKeys.good.toUpperCase()}`),
  refused('two keys in one header', `X-Api-Key: ${apiKeys.good}, ${apiKeys.good}`),
  refused('a key with a space behind a tab inside', `X-Api-Key: ${apiKeys.good}\t `.concat('x')),
  refused('a key that spaces cut in two', `X-Api-Key: ${apiKeys.good.slice(0, 8)} ${apiKeys.good.slice(8)}`),
  keyed('a key with a no-break space behind it', [`X-Api-Key: ${apiKeys.good}\xa0`], ['bad-request', 'form']),
  keyed('a key behind a byte order mark', [`X-Api-Key: \xef\xbb\xbf${apiKeys.good}`], ['bad-request', 'form']),
  refused('a key with one letter in another case', `X-Api-Key: ${apiKeys.good.replace('k', 'K')}`),
  refused('the old key of a client once its overlap is over', `X-Api-Key: ${apiKeys.past}`),
  keyed('the old key of a client while both are valid', [`X-Api-Key: ${apiKeys.old}`], 'passed'),
  keyed('the new key of a client while both are valid', [`X-Api-Key: ${apiKeys.next}`], 'passed'),
  keyed('the new key of a client afterwards', [`X-Api-Key: ${apiKeys.present}`], 'passed'),
  keyed(
    'both keys of a client (M3)',
    [`X-Api-Key: ${apiKeys.old}`, `X-Api-Key: ${apiKeys.next}`],
    ['ambiguous-credential', 'authentication'],
  ),
  refused('a key in quotes', `X-Api-Key: "${apiKeys.good}"`),
  refused('a key that has expired', `X-Api-Key: ${apiKeys.expired}`),
  refused('a key that is not valid yet', `X-Api-Key: ${apiKeys.future}`),
  refused('a key of another set', `X-Api-Key: ${apiKeys.elsewhere}`),
  refused('a key of 8,000 characters', `X-Api-Key: ${'k'.repeat(8000)}`),
  refused('a key under the name with underscores', `X_Api_Key: ${apiKeys.good}`),
  refused('a key in Authorization', `Authorization: Bearer ${apiKeys.good}`),
  { ...refused('a key in the query'), send: request(`/keys?x-api-key=${apiKeys.good}`) },
  keyed(
    'the key twice (M3)',
    [`X-Api-Key: ${apiKeys.good}`, `X-Api-Key: ${apiKeys.good}`],
    ['ambiguous-credential', 'authentication'],
  ),
  keyed(
    'a bad key and a good one (M3)',
    ['X-Api-Key: bad', `x-api-key: ${apiKeys.good}`],
    ['ambiguous-credential', 'authentication'],
  ),
  keyed(
    'a good key beside a token that nobody claims (M3)',
    [`X-Api-Key: ${apiKeys.good}`, 'Authorization: Basic eDp5'],
    ['unauthenticated', 'authentication'],
    '/orders',
  ),
  keyed('a reader\u2019s key that reads', [`X-Api-Key: ${apiKeys.reader}`], 'passed', '/orders'),
  {
    name: 'a reader\u2019s key that deletes',
    send: request('/orders/1', { method: 'DELETE', headers: [`X-Api-Key: ${apiKeys.reader}`] }),
    answers: [['forbidden', 'authorization']],
    logged: { rule: 'orders', principal: principal('orders', 'reader') },
  },
  {
    name: 'roles that the provider may not claim do not go on (M5)',
    send: request('/keys', { headers: [`X-Api-Key: ${apiKeys.reader}`] }),
    answers: ['passed'],
    reached: [{ headers: { 'x-gatehouse-roles': '"reader"', 'x-gatehouse-subject': 'reader' } }],
    logged: { principal: principal('keys', 'reader') },
  },
  {
    name: 'a good key passes and does not go on, in no spelling',
    send: request('/keys', { headers: [`X-Api-Key: ${apiKeys.good}`, `X_API_KEY: ${apiKeys.elsewhere}`] }),
    answers: ['passed'],
    reached: [{ headers: { 'x-api-key': null, 'x-gatehouse-subject': 'good' } }],
    logged: { principal: principal('keys', 'good') },
  },
])
