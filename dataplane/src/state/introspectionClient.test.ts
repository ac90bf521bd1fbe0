import { describe, expect, it } from 'vitest'
import { basicCredentials } from './introspectionClient.ts'

const decoded = (clientId: string, clientSecret: string): string =>
  Buffer.from(basicCredentials({ clientId, clientSecret }).replace('Basic ', ''), 'base64').toString()

describe('basicCredentials (RFC 6749 2.3.1)', () => {
  it.each([
    ['plain', 'secret', 'plain:secret'],
    ['a:b', 'c:d', 'a%3Ab:c%3Ad'],
    ['a b', '%2B+&=', 'a+b:%252B%2B%26%3D'],
    ['grün', '日', 'gr%C3%BCn:%E6%97%A5'],
    // In the form of WHATWG, which is that of HTML 4.01 (RFC 6749 B), these need no escape.
    ['a-b.c_d', '*', 'a-b.c_d:*'],
  ])('%s and %s', (clientId, clientSecret, expected) => {
    expect(decoded(clientId, clientSecret)).toBe(expected)
  })
})
