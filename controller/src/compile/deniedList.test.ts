import { describe, expect, it } from 'vitest'
import { deniedListOf } from './deniedList.ts'

const read = (...entries: unknown[]) => deniedListOf(JSON.stringify(entries))
const issuer = 'https://idp'

describe('a deny list', () => {
  it('says which addresses and which callers', () => {
    expect(
      read(
        { ip: '192.0.2.1' },
        { ip: '198.51.100.0/24' },
        { ip: '2001:db8::1' },
        { ip: '::ffff:192.0.2.2' },
        { issuer, subject: 'a' },
        { provider: 'partners', clientId: 'b' },
        { provider: 'platform/base/staff', subject: 'c' },
      ),
    ).toEqual([
      { range: '192.0.2.1/32' },
      { range: '198.51.100.0/24' },
      { range: '2001:db8::1/128' },
      { range: '::ffff:192.0.2.2/128' },
      { caller: { of: 'Issuer', name: issuer, what: 'Subject', value: 'a' } },
      { caller: { of: 'Provider', name: 'partners', what: 'ClientId', value: 'b' } },
      { caller: { of: 'Provider', name: 'platform/base/staff', what: 'Subject', value: 'c' } },
    ])
    expect(read()).toEqual([])
  })

  it.each<[string, unknown]>([
    ['an entry that says nothing', {}],
    ['an address and a caller', { ip: '192.0.2.1', issuer, subject: 'a' }],
    ['an address and half a caller', { ip: '192.0.2.1', issuer }],
    ['an address that is none', { ip: '192.0.2.256' }],
    ['a name', { ip: 'shop.example' }],
    ['an address with a port', { ip: '192.0.2.1:80' }],
    ['a range that is none', { ip: '192.0.2.0/33' }],
    ['an IPv4 range that would mean all (CVE-2026-92395)', { ip: '::ffff:192.0.2.0/24' }],
    ['a subject of nobody', { subject: 'a' }],
    ['a client of nobody', { clientId: 'a' }],
    ['all of an issuer', { issuer }],
    ['a subject of a provider and an issuer', { provider: 'p', issuer, subject: 'a' }],
    ['a subject and a client', { issuer, subject: 'a', clientId: 'b' }],
    ['an empty subject', { issuer, subject: '' }],
    ['a misspelt key', { issuer, subject: 'a', clientID: 'b' }],
    ['no object', 'mallory'],
  ])('is none with %s', (_name, entry) => {
    expect(read(entry)).toBeNull()
    expect(read({ ip: '192.0.2.1' }, entry)).toBeNull()
  })

  it.each(['', '{}', 'null', '[', '[{"ip":"192.0.2.1","ip":"192.0.2.2"}]'])('is not %s', (text) => {
    expect(deniedListOf(text)).toBeNull()
  })

  it('has ten thousand entries at most', () => {
    const many = (count: number) => deniedListOf(JSON.stringify(Array.from({ length: count }, () => ({ ip: '::1' }))))
    expect(many(10_000)).toHaveLength(10_000)
    expect(many(10_001)).toBeNull()
  })
})
