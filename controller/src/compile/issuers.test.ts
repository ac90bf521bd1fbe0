import { describe, expect, it } from 'vitest'
import { issuersOf, noIssuers } from './issuers.ts'

const key = (kid: string) => ({ kty: 'EC', kid })
const inline = (...kids: string[]) => ({ type: 'Inline' as const, keys: kids.map(key) })
const remote = (uri: string) => ({ type: 'Remote' as const, uri, addresses: 'Public' as const, trust: null })
const server = (url: string) => ({ type: 'Introspection' as const, url })
const idp = 'https://idp.example'
const own = { policy: 'gatehouse-system/platform', issuer: idp }

describe('issuersOf', () => {
  it.each([
    ['the same keys', inline('a', 'b'), inline('b', 'a'), null],
    ['some of them', inline('a', 'b'), inline('a'), null],
    ['one more', inline('a'), inline('a', 'b'), own.policy],
    ['others', inline('a'), inline('b'), own.policy],
    ['keys where none can be read', inline(), inline('a'), own.policy],
    ['the same address', remote('https://a'), remote('https://a'), null],
    ['another address', remote('https://a'), remote('https://b'), own.policy],
    ['an address in place of keys', inline('a'), remote('https://a'), own.policy],
    ['the same server', server('https://a'), server('https://a'), null],
    ['another server', server('https://a'), server('https://b'), own.policy],
    ['a server in place of keys', inline('a'), server('https://a'), own.policy],
    ['keys in place of a server', server('https://a'), inline('a'), own.policy],
    ['keys from the address of a server', server('https://a'), remote('https://a'), own.policy],
    ['keys in place of an address', remote('https://a'), inline('a'), own.policy],
  ])('%s', (_, registered, used, expected) => {
    expect(issuersOf([{ ...own, keys: registered }]).registeredElsewhere({ issuer: idp, keys: used })).toBe(expected)
  })

  it('lets any of several registrations do', () => {
    const both = issuersOf([inline('a'), inline('b')].map((keys) => ({ ...own, keys })))
    expect(both.registeredElsewhere({ issuer: idp, keys: inline('b') })).toBeNull()
    expect(both.registeredElsewhere({ issuer: idp, keys: inline('a', 'b') })).toBe(own.policy)
  })

  it('says nothing of other issuers', () => {
    const issuers = issuersOf([{ ...own, keys: inline('a') }])
    expect(issuers.registeredElsewhere({ issuer: `${idp}/`, keys: inline('b') })).toBeNull()
    expect(noIssuers.registeredElsewhere({ issuer: idp, keys: inline('b') })).toBeNull()
  })
})
