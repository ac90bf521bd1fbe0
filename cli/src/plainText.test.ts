import { expect, it } from 'vitest'
import { plainText } from './plainText.ts'

it('lets nothing through that a terminal obeys', () => {
  expect(plainText('a\u001b[2Jb\nc\rd\u0007\u009b1m\u2028\u202e')).toBe(
    'a\\u001b[2Jb\\u000ac\\u000dd\\u0007\\u009b1m\\u2028\\u202e',
  )
  expect(plainText('Zürich 東京 \\u001b')).toBe('Zürich 東京 \\u001b')
})
