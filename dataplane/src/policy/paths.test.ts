import { describe, expect, it } from 'vitest'
import { otherReadings } from './paths.ts'

describe('otherReadings', () => {
  it.each<[string, string[]]>([
    ['/', []],
    ['/a/b', []],
    ['/a;x=1/b;y', ['/a/b']],
    ['/a%3Bx/b', ['/a;x/b', '/a/b']],
    ['/a%3Bx;y', ['/a;x;y', '/a%3Bx', '/a', '/a;x']],
    ['/%40a%24b', ['/@a$b']],
    ['/%21%26%27%28%29%2A%2B%2C%3D%3A', ["/!&'()*+,=:"]],
    ['/%2540', []],
    ['/a%20b%2Fc%5C%3F%23%25', []],
  ])('%s reads %s', (path, others) => {
    expect(otherReadings(path)).toEqual(others)
  })
})
