import { describe, expect, it } from 'vitest'
import { looseReading } from './paths.ts'

describe('looseReading', () => {
  it.each([
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['/a;x=1/b;y', '/a/b'],
    ['/a%3Bx/b', '/a/b'],
    ['/%40a%24b', '/@a$b'],
    ['/%21%26%27%28%29%2A%2B%2C%3D%3A', "/!&'()*+,=:"],
    ['/%2540', '/%2540'],
    ['/a%20b%2Fc%5C%3F%23%25', '/a%20b%2Fc%5C%3F%23%25'],
  ])('%s reads %s', (path, loose) => {
    expect(looseReading(path)).toBe(loose)
  })
})
