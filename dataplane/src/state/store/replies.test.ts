import { expect, it } from 'vitest'
import { ServerError, StoreError } from './fault.ts'
import { Replies } from './replies.ts'

function repliesTo(pieces: readonly string[]): unknown[] {
  const [replies, found] = [new Replies(), [] as unknown[]]
  for (const piece of pieces) replies.read(piece, (reply) => found.push(reply))
  expect(replies.held).toBe(0)
  return found
}

const said: readonly (readonly [string, unknown])[] = [
  ['+OK\r\n', 'OK'],
  ['-MOVED 1 127.0.0.1:6379\r\n', new ServerError('MOVED 1 127.0.0.1:6379')],
  [':-12\r\n', -12],
  [':9223372036854775807\r\n', 2 ** 63],
  ['$5\r\na\r\nbc\r\n', 'a\r\nbc'],
  ['$0\r\n\r\n', ''],
  ['$-1\r\n', null],
  ['*-1\r\n', null],
  ['*0\r\n', []],
  ['*3\r\n:1\r\n-ERR no\r\n$-1\r\n', [1, new ServerError('ERR no'), null]],
]
const all = said.map(([text]) => text).join('')
const values = said.map(([, value]) => value)

it('reads what a server says, in one piece and in many', () => {
  expect(repliesTo([all])).toEqual(values)
  expect(repliesTo(all.split(''))).toEqual(values)
  for (let at = 1; at < all.length; at++) expect(repliesTo([all.slice(0, at), all.slice(at)])).toEqual(values)
})

it('says how much it holds of what is not whole, also of lists', () => {
  const replies = new Replies()
  replies.read(':1\r\n*1000000\r\n', () => {})
  expect(replies.held).toBe('*1000000\r\n'.length)
  for (let part = 0; part < 3; part++) replies.read('$4\r\nabcd\r\n', () => {})
  replies.read('$9\r\nab', () => {})
  expect(replies.held).toBe('*1000000\r\n'.length + 3 * '$4\r\nabcd\r\n'.length + '$9\r\nab'.length)
})

it.each([
  'HTTP/1.1 200 OK\r\n',
  ':1e3\r\n',
  ':\r\n',
  '$-2\r\n',
  '$1\r\nab\r\n',
  '$1x\r\n',
  '*1\r\n*1\r\n',
  '\r\n',
  '%0\r\n',
])('takes %j for no answer', (text) => {
  expect(() => repliesTo([text])).toThrow(StoreError)
})
