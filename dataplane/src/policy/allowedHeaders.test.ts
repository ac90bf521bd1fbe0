import { expect, it } from 'vitest'
import { allowedHeaders } from './allowedHeaders.ts'

it.each<[(readonly string[] | null)[], readonly string[] | null]>([
  [[], null],
  [[null, null], null],
  [
    [null, ['a', 'b']],
    ['a', 'b'],
  ],
  [[['a', 'b'], null, ['b', 'c']], ['b']],
  [[['a'], ['b']], []],
  [[[], ['a']], []],
])('%j lets through %j', (lists, names) => {
  const allowed = allowedHeaders(lists)
  expect(allowed && [...allowed]).toEqual(names)
})
