import { describe, expect, it } from 'vitest'
import { deniedListOf } from './deniedList.ts'

const read = (...entries: unknown[]) => deniedListOf(JSON.stringify(entries))
const listed = (...list: unknown[]) => ({ ok: true, list })
const none = (where: string) => ({ ok: false, where })
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
    ).toEqual(
      listed(
        { range: '192.0.2.1/32' },
        { range: '198.51.100.0/24' },
        { range: '2001:db8::1/128' },
        { range: '::ffff:192.0.2.2/128' },
        { caller: { of: 'Issuer', name: issuer, what: 'Subject', value: 'a' } },
        { caller: { of: 'Provider', name: 'partners', what: 'ClientId', value: 'b' } },
        { caller: { of: 'Provider', name: 'platform/base/staff', what: 'Subject', value: 'c' } },
      ),
    )
    expect(read()).toEqual(listed())
  })

  it.each<[string, unknown, string, string]>([
    ['an entry that says nothing', {}, '', 'needs ip, or one of subject and clientId'],
    [
      'an address and a caller',
      { ip: '192.0.2.1', issuer, subject: 'a' },
      '',
      'has an address and a caller; they are two entries',
    ],
    [
      'an address and half a caller',
      { ip: '192.0.2.1', issuer },
      '',
      'has an address and a caller; they are two entries',
    ],
    ['an address that is none', { ip: '192.0.2.256' }, '/ip', 'neither an address nor a range'],
    ['a name', { ip: 'shop.example' }, '/ip', 'neither an address nor a range'],
    ['an address with a port', { ip: '192.0.2.1:80' }, '/ip', 'neither an address nor a range'],
    ['a range that is none', { ip: '192.0.2.0/33' }, '/ip', 'neither an address nor a range'],
    [
      'an IPv4 range that would mean all (CVE-2026-92395)',
      { ip: '::ffff:192.0.2.0/24' },
      '/ip',
      'neither an address nor a range',
    ],
    ['a subject of nobody', { subject: 'a' }, '', 'needs one of provider and issuer'],
    ['a client of nobody', { clientId: 'a' }, '', 'needs one of provider and issuer'],
    ['all of an issuer', { issuer }, '', 'needs ip, or one of subject and clientId'],
    [
      'a subject of a provider and an issuer',
      { provider: 'p', issuer, subject: 'a' },
      '',
      'needs one of provider and issuer',
    ],
    ['a subject and a client', { issuer, subject: 'a', clientId: 'b' }, '', 'needs ip, or one of subject and clientId'],
    ['an empty subject', { issuer, subject: '' }, '/subject', 'needs a text of 1 to 1,024 characters'],
    ['a misspelt key', { issuer, subject: 'a', clientID: 'b' }, '', 'has a field that is not known'],
    ['no object', 'mallory', '', 'not an object'],
  ])('is none with %s, and says where and why in words of its own', (_name, entry, field, lack) => {
    expect(read(entry)).toEqual(none(`/0${field}: ${lack}`))
    expect(read({ ip: '192.0.2.1' }, entry)).toEqual(none(`/1${field}: ${lack}`))
  })

  it.each([
    ['', 'not JSON (RFC 7493)'],
    ['{}', 'not a list of entries'],
    ['null', 'not a list of entries'],
    ['[', 'not JSON (RFC 7493)'],
    ['[{"ip":"192.0.2.1","ip":"192.0.2.2"}]', 'a name is there twice in an entry'],
    ['[{"ip":["192.0.2.1"]}]', 'more than a list of plain entries'],
  ])('is not %s', (text, lack) => {
    expect(deniedListOf(text)).toEqual(none(lack))
  })

  it('has ten thousand entries at most', () => {
    const many = (count: number) => deniedListOf(JSON.stringify(Array.from({ length: count }, () => ({ ip: '::1' }))))
    expect(many(10_000)).toMatchObject({ ok: true, list: { length: 10_000 } })
    expect(many(10_001)).toEqual(none('more than 10,000 entries'))
  })
})
