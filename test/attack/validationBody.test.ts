import { expect } from 'vitest'
import { request, attacks, type Answer, type Attack } from './attack.ts'
import { bodyBudgetLimits } from '../../dataplane/src/state/bodyBudget.ts'
import { openRaw, sendRaw, type RawConnection } from '../support/raw.ts'
import { largestBody } from './formsShop.ts'
import type { Victim } from './victim.ts'

/** Row by row of the catalogue, section 2.6: body policies that were skipped, and types that two readers took differently. */

const failed: Answer = ['validation-failed', 'validation']
const wrongType: Answer = ['unsupported-media-type', 'validation']
const tooLarge: Answer = ['body-too-large', 'validation']
const json = 'Content-Type: application/json'
const sound = '{"sku":"ABC"}'
const bad = '{"sku":1}'

const post = (path: string, body: string, headers: readonly string[] = [json], method = 'POST'): string =>
  request(path, { method, body, headers })

const chunk = (text: string): string => `${Buffer.byteLength(text, 'latin1').toString(16)}\r\n${text}\r\n`
const chunked = (path: string, parts: readonly string[], headers: readonly string[] = [json]): string =>
  `${request(path, { method: 'POST', headers: [...headers, 'Transfer-Encoding: chunked'] })}${parts.map(chunk).join('')}0\r\n\r\n`

const order = (body: string): string => post('/form-order', body)
const spaces = (length: number): string => ' '.repeat(length)

const passed: readonly Attack[] = [
  {
    name: 'a sound body arrives byte for byte',
    send: order('{ "sku" : "ABC",\r\n\t"count": 1.0 }'),
    answers: ['passed'],
    reached: [{ body: '{ "sku" : "ABC",\r\n\t"count": 1.0 }', headers: { 'content-length': '33' } }],
  },
  {
    name: 'a sound body in chunks arrives byte for byte, with its length',
    send: chunked('/form-order', ['{"sku"', ':"ABC"}']),
    answers: ['passed'],
    reached: [{ body: sound, headers: { 'content-length': '13', 'transfer-encoding': null } }],
  },
  {
    name: 'a sound body that a worker has to check arrives byte for byte',
    send: order(`{"sku":"ABC"${spaces(100_000)}}`),
    answers: ['passed'],
    reached: [{ body: `{"sku":"ABC"${spaces(100_000)}}` }],
  },
  {
    name: 'a body of a type in capitals with a charset in quotes',
    send: post('/form-order', sound, ['Content-Type: Application/JSON ; Charset="UTF-8"']),
    answers: ['passed'],
    reached: [{ body: sound }],
  },
  { name: 'no body with GET', send: request('/form-order'), answers: ['passed'], reached: [{ method: 'GET' }] },
  {
    name: 'two sound bodies one after the other',
    send: order(sound) + order(sound),
    answers: ['passed', 'passed'],
    reached: [{ body: sound }, { body: sound }],
  },
]

const typed = (name: string, ...headers: readonly string[]): Attack => ({
  name: `CVE-2025-32442, CVE-2026-25223, CVE-2026-3419, CVE-2026-33806: ${name}`,
  send: post('/form-order', bad, headers),
  answers: [wrongType],
})

const types: readonly Attack[] = [
  typed('no type'),
  typed('a type that is not looked at', 'Content-Type: text/plain'),
  typed('a tab and garbage behind the type', 'Content-Type: application/json\tgarbage'),
  typed('garbage behind a space', 'Content-Type: application/json garbage'),
  typed('a comma', 'Content-Type: application/json, text/plain'),
  typed('half a type', 'Content-Type: application/'),
  typed('two types', json, 'Content-Type: text/plain'),
  typed('one type twice', json, json),
  typed('a charset that is not UTF-8', 'Content-Type: application/json; charset=utf-16'),
  typed('two charsets', 'Content-Type: application/json; charset=utf-8; charset=utf-7'),
  typed('two charsets, the good one last', 'Content-Type: application/json; charset=utf-7; charset=utf-8'),
  typed('a type that only looks like JSON', 'Content-Type: application/jsonp'),
  typed('a JSON type that is not listed', 'Content-Type: application/vnd.x+json'),
  typed('a coded body', json, 'Content-Encoding: gzip'),
  typed('a coding beside identity', json, 'Content-Encoding: identity, br'),
  typed('a coding in a second header', json, 'Content-Encoding: identity', 'Content-Encoding: deflate'),
  { ...typed('a form'), send: post('/form-order', 'sku=1', ['Content-Type: application/x-www-form-urlencoded']) },
  {
    name: 'a leading space is no other type',
    send: post('/form-order', bad, ['Content-Type:  application/json']),
    answers: [failed],
  },
  {
    name: 'case is no other type',
    send: post('/form-order', bad, ['content-type: APPLICATION/JSON']),
    answers: [failed],
  },
  { name: 'a type of the list alone', send: post('/form-merge', sound), answers: [wrongType] },
  {
    name: 'a bad body of the listed type',
    send: post('/form-merge', bad, ['Content-Type: application/merge-patch+json']),
    answers: [failed],
  },
  {
    name: 'a type beside the list',
    send: post('/form-types', '<a/>', ['Content-Type: text/xml']),
    answers: [wrongType],
  },
  {
    name: 'a type of the list in chunks, but not this',
    send: chunked('/form-types', ['x'], ['Content-Type: text/html']),
    answers: [wrongType],
  },
]

const json2 = (name: string, body: string): Attack => ({ name, send: order(body), answers: [failed] })

const texts: readonly Attack[] = [
  json2('an empty object', '{}'),
  json2('no JSON', 'sku=ABC'),
  json2('garbage behind the value', `${sound}x`),
  json2('a second value', sound + sound),
  json2('NUL behind the value', `${sound}\0`),
  json2('a byte order mark', `\xef\xbb\xbf${sound}`),
  json2('bytes that are no UTF-8', '{"sku":"ABC","tags":["\xff"]}'),
  json2('an overlong form', '{"sku":"ABC","tags":["\xc0\xaf"]}'),
  json2('UTF-16', '\xff\xfe{\0}\0'),
  json2('a lone surrogate', '{"sku":"ABC","tags":["\\ud800"]}'),
  json2('a name twice, the good one last', '{"role":"admin","sku":"ABC","role":"buyer"}'),
  json2('a name twice, the good one first', '{"role":"buyer","sku":"ABC","role":"admin"}'),
  json2('a name twice, once by an escape', '{"role":"buyer","sku":"ABC","\\u0072ole":"admin"}'),
  json2('__proto__', '{"sku":"ABC","__proto__":{"role":"admin"}}'),
  json2('constructor', '{"sku":"ABC","constructor":{"prototype":{}}}'),
  json2('a member that the prototype would have', '{"toString":"ABC"}'),
  json2('an integer that a double would round to the bound', '{"sku":"ABC","count":9007199254740993}'),
  json2('a number that no double holds', '{"sku":"ABC","price":1e400}'),
  json2('more digits than anybody reads', `{"sku":"ABC","count":${'9'.repeat(5000)}}`),
  json2('a fraction of a cent', '{"sku":"ABC","price":19.999}'),
  json2('too deep', '{"sku":"ABC","tags":[[[[[]]]]]}'),
  { name: 'too deep where all else is good', send: post('/form-hostile', '[[[[[]]]]]'), answers: [failed] },
  {
    name: 'as deep as may be',
    send: post('/form-hostile', '[[[[]]]]'),
    answers: ['passed'],
    reached: [{ body: '[[[[]]]]' }],
  },
  json2('100,000 arrays inside each other', '['.repeat(100_000)),
  json2(
    '100,000 names, of which none is known',
    `{${Array.from({ length: 30_000 }, (_, index) => `"${index}":1`).join()}}`,
  ),
  json2('a comment', '{"sku":"ABC"/* */}'),
  json2('a single quote', "{'sku':'ABC'}"),
  { name: 'an empty body in chunks', send: chunked('/form-order', []), answers: [failed] },
  { name: 'no body where one is needed', send: post('/form-order', '', []), answers: [failed] },
  { name: 'a body that is not needed, and bad', send: post('/form-order', bad, [json], 'DELETE'), answers: [failed] },
  { name: 'a body with GET, and bad', send: post('/form-order', bad, [json], 'GET'), answers: [failed] },
  {
    name: 'says where, and nothing of what',
    send: order('{"sku":"secret-value","x y":1,"other":2}'),
    answers: [failed],
    logged: { policy: 'shop/form-order', item: 'body' },
  },
]

const hundred = 'x'.repeat(100)

const sizes: readonly Attack[] = [
  { name: 'CVE-2026-50197: a bad body in chunks', send: chunked('/form-order', ['{"sku"', ':1}']), answers: [failed] },
  {
    name: 'CVE-2026-50197: a bad body that only a worker looks at',
    send: order(`{"sku":1${spaces(100_000)}}`),
    answers: [failed],
  },
  {
    name: 'CVE-2026-96437: a bad body behind more than is held',
    send: order(`${spaces(300_001)}${bad}`),
    answers: [tooLarge],
    closed: true,
  },
  {
    name: 'CVE-2026-96437: the same in chunks',
    send: chunked('/form-order', [spaces(200_000), spaces(100_001), bad]),
    answers: [tooLarge],
    closed: true,
  },
  {
    name: 'a declared length above the bound',
    send: post('/form-types', hundred),
    answers: [tooLarge],
    logged: { policy: 'shop/form-types', item: 'maxBodySize' },
  },
  { name: 'chunks above the bound', send: chunked('/form-types', [hundred]), answers: [tooLarge], reached: 'Torn' },
  {
    name: 'many small chunks above the bound',
    send: chunked(
      '/form-types',
      Array.from({ length: 65 }, () => 'x'),
    ),
    answers: [tooLarge],
    reached: 'Torn',
  },
  {
    name: 'a declared length above that of the Gatehouse',
    send: request('/public', { method: 'POST', headers: [`Content-Length: ${largestBody + 1}`] }),
    answers: [tooLarge],
    closed: true,
  },
  {
    name: 'Expect: the length is refused before the body is asked for',
    send: request('/form-order', { method: 'POST', headers: [json, 'Content-Length: 300001', 'Expect: 100-continue'] }),
    answers: [tooLarge],
    closed: true,
  },
  {
    name: 'Expect: the type is refused before the body is asked for',
    send: request('/form-order', {
      method: 'POST',
      headers: ['Content-Type: text/plain', 'Content-Length: 5', 'Expect: 100-continue'],
    }),
    answers: [wrongType],
    closed: true,
  },
  {
    name: 'CVE-2024-45813, CVE-2025-69873: a pattern and a text that cost seconds',
    send: post('/form-hostile', JSON.stringify(['a'.repeat(60_000)])),
    answers: [failed],
  },
  {
    name: 'the same, a little at a time, comes to an end',
    send: post(
      '/form-hostile',
      JSON.stringify(Array.from({ length: 500 }, (_, index) => `${index}${'a'.repeat(100)}`)),
    ),
    answers: ['passed'],
    reached: [{ target: '/form-hostile' }],
  },
  {
    name: 'a schema that cannot be used refuses what it covers',
    send: post('/form-unusable', sound),
    answers: [['config-invalid', 'config']],
  },
  {
    name: 'a broken validation refuses what it covers',
    send: request('/form-broken'),
    answers: [['config-invalid', 'config']],
  },
]

const hoarders: RawConnection[] = []
const long = `{"sku":1${spaces(1000)}}`

/** Sends a bad body until the answer to it has this status. It is refused either way. */
async function answersLong(victim: Victim, status: number): Promise<void> {
  const answer = async () => {
    const { responses } = await sendRaw(await victim.listener('http'), post('/form-hoard', long), { responses: 1 })
    return responses[0]?.status
  }
  await expect.poll(answer, { timeout: 20_000 }).toBe(status)
}

/** Bodies that never end, as many as a namespace may hold. */
async function hoard(victim: Victim): Promise<string> {
  const count = Math.floor(bodyBudgetLimits.namespace / largestBody)
  const head = request('/form-hoard', { method: 'POST', headers: [json, `Content-Length: ${largestBody}`] })
  for (let index = 0; index < count; index++) {
    const connection = await openRaw(await victim.listener('http'))
    hoarders.push(connection)
    await connection.send(Buffer.concat([Buffer.from(head), Buffer.alloc(largestBody - 1, ' ')]))
  }
  await answersLong(victim, 503)
  return post('/form-hoard', `{"sku":"ABC"${spaces(1000)}}`)
}

const hoards: readonly Attack[] = [
  {
    name: 'as many bodies that never end as a namespace may hold: the next is refused',
    prepare: hoard,
    answers: [['validation-unavailable', 'validation']],
  },
  {
    name: 'and taken again when they are gone',
    prepare: async (victim) => {
      for (const connection of hoarders) connection.close()
      await answersLong(victim, 400)
      return post('/form-hoard', sound)
    },
    answers: ['passed'],
    reached: [{ body: sound }],
  },
]

attacks('bodies', [...hoards, ...passed, ...types, ...texts, ...sizes])
